package dev.muster.market;

import java.util.List;
import java.util.SplittableRandom;

/// Makes machines as they are found on the market: GPU models by how common they are, prices around what they went for
/// in 2025/26, hosts from hobbyists to data centres.
final class Factory {
    /// A model of GPU.
    ///
    /// @param hourly what one GPU usually costs, $/h
    /// @param weight how common, out of all weights
    private record Model(
            String name,
            int cap,
            int ramMb,
            double memBw,
            double tflops,
            double dlperf,
            int watts,
            double hourly,
            int weight,
            boolean nvlink) {}

    private static final List<Model> MODELS = List.of(
            new Model("RTX 3060", 860, 12288, 340, 12.7, 11.5, 170, 0.06, 8, false),
            new Model("RTX 3070", 860, 8192, 410, 20.3, 14.9, 220, 0.07, 4, false),
            new Model("RTX 3080", 860, 10240, 700, 29.8, 22.1, 320, 0.10, 5, false),
            new Model("RTX 3090", 860, 24576, 850, 35.6, 30.4, 350, 0.17, 16, false),
            new Model("RTX A5000", 860, 24564, 680, 27.8, 22.2, 230, 0.18, 4, false),
            new Model("RTX A6000", 860, 49140, 680, 38.7, 31.0, 300, 0.40, 4, false),
            new Model("A40", 860, 46068, 640, 37.4, 30.1, 300, 0.35, 2, false),
            new Model("RTX 4070 Ti", 890, 12282, 460, 40.1, 33.4, 285, 0.13, 4, false),
            new Model("RTX 4080", 890, 16376, 650, 48.7, 42.2, 320, 0.20, 4, false),
            new Model("RTX 4090", 890, 24564, 900, 82.6, 78.0, 450, 0.35, 22, false),
            new Model("L40S", 890, 46068, 780, 91.6, 74.0, 350, 0.60, 3, false),
            new Model("RTX 5090", 1200, 32607, 1500, 104.8, 120.3, 575, 0.45, 10, false),
            new Model("Tesla V100", 700, 32768, 780, 15.7, 21.8, 300, 0.22, 2, true),
            new Model("A100 PCIE", 800, 40960, 1290, 19.5, 39.4, 250, 0.60, 2, false),
            new Model("A100 SXM4", 800, 81920, 1750, 19.5, 45.2, 400, 0.85, 4, true),
            new Model("H100 PCIE", 900, 81559, 1700, 51.2, 88.0, 350, 1.70, 2, false),
            new Model("H100 SXM", 900, 81559, 2600, 66.9, 122.5, 700, 2.00, 4, true),
            new Model("H200", 900, 143771, 4000, 66.9, 141.8, 700, 2.40, 2, true));

    private static final List<String> PLACES = List.of(
            "Texas, US",
            "California, US",
            "Utah, US",
            "New York, US",
            "Washington, US",
            "Quebec, CA",
            "Ontario, CA",
            "Sweden, SE",
            "Bavaria, DE",
            "Hesse, DE",
            "France, FR",
            "Poland, PL",
            "Norway, NO",
            "Finland, FI",
            "Bulgaria, BG",
            "Czechia, CZ",
            "United Kingdom, GB",
            "Spain, ES",
            "Iceland, IS",
            "Taiwan, TW",
            "Japan, JP",
            "South Korea, KR",
            "Vietnam, VN",
            "Australia, AU");

    private static final List<String> CPUS = List.of(
            "AMD EPYC 7443 24-Core Processor",
            "AMD EPYC 7763 64-Core Processor",
            "AMD EPYC 9354 32-Core Processor",
            "AMD Ryzen 9 5950X 16-Core Processor",
            "AMD Ryzen Threadripper PRO 3955WX",
            "Intel Xeon E5-2680 v4",
            "Xeon Gold 6248R",
            "Core i9-13900K");

    private static final List<String> DISKS = List.of(
            "Samsung SSD 980 PRO 2TB", "WD_BLACK SN850X 4TB", "KINGSTON SNV2S2000G", "INTEL SSDPE2KX040T8", "nvme");

    private static final List<String> BOARDS =
            List.of("ROME2D32GM-2T", "H12SSL-i", "X11DPG-OT-CPU", "ROG STRIX X570-E", "TRX40 AORUS", "GENOA2D24G-2L+");

    private static final List<String> DRIVERS = List.of("535.183.01", "550.120", "560.35.03", "570.86.15", "575.57.08");

    private Factory() {}

    static Machine machine(int number, SplittableRandom dice, MarketSettings settings) {
        Model model = model(dice);
        boolean datacenter = model.hourly > 0.5 ? dice.nextDouble() < 0.8 : dice.nextDouble() < 0.2;
        int gpus = gpus(dice, datacenter);
        Hardware hardware = hardware(number, dice, model, datacenter, gpus);
        double scarce = 0.75 + 0.7 * dice.nextDouble() + (datacenter ? 0.15 : 0);
        double hourly = model.hourly * scarce;
        double free = dice.nextDouble();
        Prices prices = new Prices(
                Usd.picoPerSecond(hourly),
                Usd.picoPerSecond(hourly * (0.35 + 0.35 * dice.nextDouble())),
                nano(0.08 + 0.2 * dice.nextDouble()),
                free < 0.15 ? 0 : nano(0.002 + 0.02 * dice.nextDouble()),
                free < 0.15 ? 0 : nano(0.002 + 0.01 * dice.nextDouble()));
        long listed = Market.DAY * (3 + dice.nextInt(90));
        return new Machine(hardware, prices, settings.startMicros() + listed, dice);
    }

    private static Hardware hardware(int number, SplittableRandom dice, Model model, boolean datacenter, int gpus) {
        boolean verified = datacenter || dice.nextDouble() < 0.7;
        double shaky = dice.nextDouble();
        double reliability = datacenter ? 0.9985 + 0.0014 * shaky : 0.9999 - 0.06 * shaky * shaky * shaky;
        double wire = datacenter ? 2000 + 8000 * dice.nextDouble() : 80 + 1600 * dice.nextDouble();
        int cores = Math.max(8, gpus * (datacenter ? 24 : 12));
        String driver = pick(DRIVERS, dice);
        return new Hardware(
                number,
                number * 7 + 11,
                model.name,
                model.cap,
                gpus,
                model.ramMb,
                round(model.memBw * (0.93 + 0.07 * dice.nextDouble())),
                model.tflops,
                round(model.dlperf * (0.9 + 0.15 * dice.nextDouble())),
                model.watts,
                driver.startsWith("535") ? 12.2 : driver.startsWith("550") ? 12.4 : 12.8,
                driver,
                pick(CPUS, dice),
                cores,
                round(2.2 + 2.6 * dice.nextDouble()),
                Math.max(32, Integer.highestOneBit(gpus * model.ramMb / 512)) * 1024,
                pick(DISKS, dice),
                (int) (200 + (datacenter ? 6000 : 1800) * dice.nextDouble()),
                round(400 + 4600 * dice.nextDouble()),
                round(wire * (0.5 + 0.5 * dice.nextDouble())),
                round(wire),
                round(datacenter ? 24 + 26 * dice.nextDouble() : 6 + 18 * dice.nextDouble()),
                datacenter ? 4.0 : 3.0,
                model.nvlink ? 600 : 0,
                pick(BOARDS, dice),
                dice.nextBoolean() ? 22.04 : 20.04,
                datacenter ? 200 + dice.nextInt(300) : dice.nextInt(60),
                datacenter || dice.nextBoolean(),
                "203.0.113." + (1 + number % 254),
                pick(PLACES, dice),
                datacenter,
                verified,
                dice.nextDouble() < 0.03,
                reliability);
    }

    private static Model model(SplittableRandom dice) {
        int at = dice.nextInt(MODELS.stream().mapToInt(Model::weight).sum());
        for (Model model : MODELS) {
            at -= model.weight;
            if (at < 0) return model;
        }
        throw new IllegalStateException("expected the weights to cover all draws");
    }

    private static int gpus(SplittableRandom dice, boolean datacenter) {
        double draw = dice.nextDouble();
        if (datacenter) return draw < 0.15 ? 1 : draw < 0.3 ? 2 : draw < 0.5 ? 4 : 8;
        return draw < 0.55 ? 1 : draw < 0.75 ? 2 : draw < 0.9 ? 4 : 8;
    }

    private static String pick(List<String> choices, SplittableRandom dice) {
        return choices.get(dice.nextInt(choices.size()));
    }

    private static double round(double value) {
        return Math.round(value * 10) / 10.0;
    }

    private static long nano(double dollars) {
        return Math.round(dollars * 1e9);
    }
}
