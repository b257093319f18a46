package dev.muster.core.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.hosts.HostRole.Duty;
import dev.muster.core.hosts.HostStatus.Service;
import dev.muster.core.state.Desired;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostWordsTest {
    @ParameterizedTest
    @CsvSource({
        "ready,IN_SERVICE",
        "active,IN_SERVICE",
        "idle,IN_SERVICE",
        "READY,IN_SERVICE",
        "offline,OUT",
        "retired,OUT",
        "proxy_only,OUT",
        "proxy-only,OUT",
        "missing,OUT",
        "disabled,OUT",
        "unstable,OUT",
        "stopped,OUT",
        "suspended,OUT",
        "maintenance,OUT",
        "pending_setup,NOT_YET",
        "setup,NOT_YET",
        "needs_setup,NOT_YET",
        "needs_tailscale_auth,NOT_YET",
        "needs_ssh_key,NOT_YET",
        "ssh_key_rejected,NOT_YET",
        "terminated,GONE",
        "destroyed,GONE",
        "archived,GONE"
    })
    void eachStatusWordHasAMeaningAndKeepsItsSpelling(String word, Service service) {
        HostStatus status = HostStatus.of(word);
        assertThat(status.known()).isTrue();
        assertThat(status.service()).isEqualTo(service);
        assertThat(status.word()).isEqualTo(word);
    }

    @ParameterizedTest
    @CsvSource({
        "ready,READY",
        "active,READY",
        "maintenance,DRAINING",
        "proxy_only,DRAINING",
        "pending_setup,DRAINING",
        "setup,DRAINING",
        "needs_setup,DRAINING",
        "retired,RETIRED",
        "Disabled,RETIRED",
        "stopped,RETIRED",
        "suspended,RETIRED",
        "archived,RETIRED"
    })
    void someWordsSayWhatIsWanted(String word, Desired wanted) {
        assertThat(HostStatus.of(word).wanted()).contains(wanted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "idle",
                "offline",
                "missing",
                "unstable",
                "terminated",
                "destroyed",
                "ssh_key_rejected",
                "needs_ssh_key",
                "needs_tailscale_auth",
                "redy",
                ""
            })
    void theOthersOnlySayWhatWasSeen(String word) {
        assertThat(HostStatus.of(word).wanted()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Desired.class)
    void whatIsWantedHasAWordForTheFile(Desired desired) {
        assertThat(HostStatus.of(HostStatus.word(desired)).wanted()).contains(desired);
    }

    @Test
    void anUnknownStatusIsOutOfServiceAndNoStatusIsReady() {
        assertThat(HostStatus.of("redy").known()).isFalse();
        assertThat(HostStatus.of("redy").service()).isEqualTo(Service.OUT);
        assertThat(HostStatus.of("").known()).isTrue();
        assertThat(HostStatus.of("").service()).isEqualTo(Service.IN_SERVICE);
        assertThat(HostStatus.of("").shown()).isEqualTo("ready");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpu_training_primary",
                "nn_training_primary",
                "gpu_training",
                "nn_training",
                "nn_training_mps",
                "gpu_training_selfplay",
                "mixed",
                "training",
                "nnue"
            })
    void rolesThatTrain(String word) {
        assertThat(HostRole.of(word).duties()).contains(Duty.TRAIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpu_selfplay",
                "gpu_selfplay_primary",
                "cpu_selfplay",
                "selfplay",
                "selfplay_cmaes",
                "cmaes",
                "mixed",
                "gpu_training_selfplay"
            })
    void rolesThatPlay(String word) {
        assertThat(HostRole.of(word).duties()).contains(Duty.SELFPLAY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"coordinator", "proxy", "backbone", "gauntlet", "tournament", "benchmark", "inference", "testing"
            })
    void otherRolesAreKnown(String word) {
        assertThat(HostRole.of(word).known()).isTrue();
        assertThat(HostRole.of(word).duties()).doesNotContain(Duty.TRAIN, Duty.SELFPLAY);
    }

    @Test
    void anUnknownRoleHasNoDuties() {
        assertThat(HostRole.of("gpu_slefplay").known()).isFalse();
    }
}
