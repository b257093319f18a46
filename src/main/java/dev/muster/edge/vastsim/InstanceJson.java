package dev.muster.edge.vastsim;

import dev.muster.market.Instance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An instance's row.
final class InstanceJson {
    private static final double MIB = 1024;
    private static final double DISCOUNT_MAX = 0.4;

    private InstanceJson() {}

    static ObjectNode row(Instance instance, Optional<Boot.Doors> doors, Instant now) {
        ObjectNode row =
                OfferJson.hardware(instance.offer().machine(), instance.offer().gpus());
        row.remove(List.of("hostname", "reliability", "gpu_max_power", "gpu_max_temp", "gpu_ids", "vericode"));
        row.put("id", instance.id());
        state(row, instance);
        contract(row, instance, now);
        money(row, instance);
        load(row, instance, now);
        reach(row, instance, doors);
        return row;
    }

    private static void state(ObjectNode row, Instance instance) {
        instance.actual()
                .ifPresentOrElse(actual -> row.put("actual_status", actual), () -> row.putNull("actual_status"));
        row.put("intended_status", instance.intended()).put("cur_state", instance.cur());
        row.put("next_state", instance.next());
        text(row, "status_msg", instance.message());
        text(row, "label", instance.label());
    }

    private static void contract(ObjectNode row, Instance instance, Instant now) {
        row.putNull("template_id").putNull("template_name");
        text(row, "template_hash_id", instance.order().template());
        row.put("image_uuid", instance.order().image())
                .put("image_runtype", instance.order().runtype());
        row.putArray("image_args");
        text(row, "onstart", instance.order().onstart());
        ArrayNode env = row.putArray("extra_env");
        instance.order().env().forEach((name, value) -> env.addArray().add(name).add(value));
        row.put("jupyter_token", String.format("%064x", instance.id() * 0x9E37_79B9L));
        row.put("start_date", Json.seconds(instance.start())).put("end_date", Json.seconds(instance.end()));
        row.put("duration", Math.max(0, Json.seconds(instance.end()) - Json.seconds(now)));
        row.put(
                "bundle_id",
                instance.offer().machine().machineId() * 100L + instance.offer().gpus());
        row.put("rentable", instance.offer().rentable())
                .put("disk_space", instance.order().diskGb());
        row.put("is_bid", instance.isBid())
                .put("min_bid", Json.hourly(instance.offer().minBid()));
        row.put("time_remaining", "").put("time_remaining_isbid", "").putNull("country_code");
        row.putArray("volume_info");
        row.put("os_version", instance.offer().machine().osVersion());
        row.put("gpu_totalram", row.remove("gpu_total_ram").intValue());
    }

    private static void money(ObjectNode row, Instance instance) {
        double gpu = Json.hourly(instance.gpuPerHour());
        double disk = Json.hourly(instance.diskPerHour());
        double total = gpu + disk;
        row.put("dph_base", gpu).put("dph_total", total);
        row.put("dlperf_per_dphtotal", row.get("dlperf").doubleValue() / total);
        row.put("flops_per_dphtotal", row.get("total_flops").doubleValue() / total);
        row.put("score", row.get("dlperf_per_dphtotal").doubleValue());
        row.set("search", OfferJson.prices(gpu, disk));
        row.set("instance", OfferJson.prices(Json.hourly(instance.gpuNow()), Json.hourly(instance.diskNow())));
        row.put("storage_cost", instance.offer().prices().storageDollars()).put("storage_total_cost", disk);
        row.put("vram_costperhour", total / instance.offer().machine().gpuRamMb());
        row.put("inet_up_cost", instance.offer().prices().upDollars());
        row.put("inet_down_cost", instance.offer().prices().downDollars());
        boolean prepaid = instance.escrow().pico() > 0;
        if (prepaid) row.put("credit_balance", instance.escrow().dollars()).put("credit_discount", instance.discount());
        else row.putNull("credit_balance").putNull("credit_discount");
        row.put("credit_discount_max", DISCOUNT_MAX);
    }

    private static void load(ObjectNode row, Instance instance, Instant now) {
        double age = Json.seconds(now) - Json.seconds(instance.start());
        row.put("client_run_time", age).put("host_run_time", 2_592_000.0);
        row.put("inet_down_billed", instance.bytesDown() / MIB / MIB)
                .put("inet_up_billed", instance.bytesUp() / MIB / MIB);
        Optional<Double> minutes =
                instance.runningFor().map(since -> Duration.between(since, now).toSeconds() / 60.0);
        minutes.ifPresentOrElse(value -> row.put("uptime_mins", value), () -> row.putNull("uptime_mins"));
        row.put("cpu_util", minutes.isPresent() ? 0.1 : 0.0);
        if (minutes.isPresent()) {
            row.put("gpu_util", 0.0).put("gpu_temp", 38.0).put("mem_usage", 0.5).put("vmem_usage", 0.0);
            row.put(
                    "mem_limit",
                    instance.offer().machine().cpuRamMb() * instance.offer().share() / MIB);
        } else {
            row.putNull("gpu_util")
                    .putNull("gpu_temp")
                    .putNull("mem_usage")
                    .putNull("vmem_usage")
                    .putNull("mem_limit");
        }
        double used = instance.diskFull() ? instance.order().diskGb() : minutes.isPresent() ? 0.05 : -1;
        row.put("disk_usage", used)
                .put("disk_util", used < 0 ? -1 : used / instance.order().diskGb());
    }

    private static void reach(ObjectNode row, Instance instance, Optional<Boot.Doors> doors) {
        // The command line adds one to the port of what runs Jupyter.
        int before = instance.order().runtype().contains("jupyter") ? 1 : 0;
        String host = doors.map(Boot.Doors::sshHost).orElse("ssh1.vast.ai");
        row.put("ssh_host", host).put("ssh_idx", host.replaceAll("^ssh(\\d+)\\..*|.*", "$1"));
        row.put("ssh_port", doors.map(Boot.Doors::sshPort).orElse(0) - before).put("machine_dir_ssh_port", 22);
        row.put("local_ipaddrs", "10.0.0.1 172.17.0.1 \n")
                .put("direct_port_start", -1)
                .put("direct_port_end", -1);
        doors.ifPresent(door -> row.put("public_ipaddr", door.publicIp()));
        // They are there only while it runs.
        if (!instance.isRunning() || doors.isEmpty()) return;
        ObjectNode ports = row.putObject("ports");
        doors.get()
                .ports()
                .forEach((inside, outside) -> ports.putArray(inside)
                        .addObject()
                        .put("HostIp", "0.0.0.0")
                        .put("HostPort", Integer.toString(outside)));
    }

    private static void text(ObjectNode row, String field, Optional<String> text) {
        text.ifPresentOrElse(value -> row.put(field, value), () -> row.putNull(field));
    }
}
