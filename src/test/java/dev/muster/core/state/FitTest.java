package dev.muster.core.state;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.joinGpus;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FitTest {
    private static final Node SMALL = given(join("n1")).state().fleet().nodes().require(n("n1"));
    private static final Node GPUS =
            given(joinGpus("g1", 2)).state().fleet().nodes().require(n("g1"));

    @Test
    void eachLimitIsTold() {
        assertNever(Spec.job().on("n2"), SMALL, "n1 is not n2");
        assertNever(Spec.job().gpus(1), SMALL, "n1 has 0 gpus, needs 1");
        assertNever(Spec.job().gpus(1).gpuMemory(Bytes.gib(40)), GPUS, "g1 has 24GiB per gpu, needs 40GiB");
        assertNever(Spec.job().cpus(5), SMALL, "n1 has 4 cpus, needs 5");
        assertNever(Spec.job().memory(Bytes.gib(9)), SMALL, "n1 has 8GiB memory, needs 9GiB");
        Node coordinator = given(join("n1", Role.COORDINATOR, SMALL.hardware(), 4))
                .state()
                .fleet()
                .nodes()
                .require(n("n1"));
        assertNever(Spec.job(), coordinator, "n1 has role COORDINATOR, which takes no OTHER");
        Node closed = given(join("n1", Role.MIXED, SMALL.hardware(), 0))
                .state()
                .fleet()
                .nodes()
                .require(n("n1"));
        assertNever(Spec.job(), closed, "n1 has max_parallel_jobs 0");
    }

    @Test
    void whatANodeHoldsIsTold() {
        Held held = Held.NOTHING.plus(new Resources(3000, Bytes.gib(7), 0, Bytes.ZERO));
        assertThat(Fit.misfit(Spec.job().build(), SMALL, held)).isEmpty();
        assertThat(Fit.misfit(Spec.job().cpus(2).build(), SMALL, held)).contains("n1 has 1 cpus free, needs 2");
        assertThat(Fit.misfit(Spec.job().memory(Bytes.gib(2)).build(), SMALL, held))
                .contains("n1 has 1GiB memory free, needs 2GiB");
        assertThat(Fit.misfit(
                        Spec.job().gpus(2).build(),
                        GPUS,
                        Held.NOTHING.plus(new Resources(0, Bytes.ZERO, 1, Bytes.ZERO))))
                .contains("g1 has 1 gpus free, needs 2");
    }

    @Test
    void aNodeOutOfServiceTakesNothing() {
        Story story = given(join("n1"), new Command.DrainNode(n("n1")));
        assertThat(Fit.misfit(Spec.job().build(), node(story), Held.NOTHING)).contains("n1 is DRAINING");
        story.and(new Command.FenceNode(n("n1")));
        assertThat(Fit.misfit(Spec.job().build(), node(story), Held.NOTHING)).contains("n1 is fenced");
    }

    @Test
    void aMachineThatWasRentedForARunIsForThatRunAlone() {
        Node kept = SMALL.on(false, Optional.of(new RunId("r1")));
        JobSpec own = Spec.job().build().onMachinesOf(new RunId("r1"));
        JobSpec other = Spec.job().build().onMachinesOf(new RunId("r2"));
        assertThat(Fit.fits(own, kept, Held.NOTHING)).isTrue();
        assertThat(Fit.never(other, kept)).contains("n1 was not rented for r2");
        assertThat(Fit.never(own, SMALL)).contains("n1 was not rented for r1");
        assertThat(Fit.never(Spec.job().build(), kept)).contains("n1 was rented for r1");
        assertThat(Fit.fits(Spec.job().build(), kept, Held.NOTHING)).isFalse();
    }

    @Test
    void aCardIsKnownHoweverItIsWritten() {
        Hardware rtx = new Hardware(4_000, Bytes.gib(8), 1, Bytes.gib(24), "NVIDIA GeForce RTX 4090");
        for (String name : List.of("RTX 4090", "rtx_4090", "4090"))
            assertThat(rtx.isCard(name)).as(name).isTrue();
        assertThat(rtx.isCard("A100")).isFalse();
        assertThat(Hardware.cpus(4, Bytes.gib(8)).isCard("A100")).isFalse();
        assertThat(Fit.never(carded("A100"), GPUS)).contains("g1 has H100, needs A100");
        assertThat(Fit.never(carded("h100"), GPUS)).isEmpty();
        assertThat(Fit.never(carded("A100"), SMALL)).contains("n1 has no GPU, needs A100");
    }

    private static JobSpec carded(String card) {
        JobSpec job = Spec.job().build();
        return new JobSpec(
                job.name(),
                job.kind(),
                job.config(),
                1,
                job.command(),
                job.env(),
                job.resources(),
                job.inputs(),
                job.outputs(),
                job.matches(),
                job.priority(),
                job.maxAttempts(),
                job.grace(),
                job.timeout(),
                job.node(),
                job.sync(),
                job.results(),
                Optional.of(card),
                job.run(),
                Optional.empty(),
                1);
    }

    @Test
    void theFastAnswerIsTheSame() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            Node node = random.nextBoolean() ? SMALL : GPUS;
            JobSpec spec = Spec.job()
                    .cpus(random.nextInt(8))
                    .gpus(random.nextInt(3))
                    .memory(Bytes.gib(random.nextInt(12)))
                    .build();
            Held held = Held.NOTHING;
            for (int k = random.nextInt(6); k > 0; k--) {
                held = held.plus(new Resources(
                        random.nextInt(3000), Bytes.gib(random.nextInt(3)), random.nextInt(2), Bytes.ZERO));
            }
            assertThat(Fit.fits(spec, node, held))
                    .isEqualTo(Fit.misfit(spec, node, held).isEmpty());
        }
    }

    private static Node node(Story story) {
        return story.state().fleet().nodes().require(n("n1"));
    }

    private static void assertNever(Spec spec, Node node, String why) {
        assertThat(Fit.never(spec.build(), node)).contains(why);
        assertThat(Fit.misfit(spec.build(), node, Held.NOTHING)).contains(why);
    }
}
