package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservedTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // actual | current | intended | bid | message | meaning
                "''      | running  | running | false | ''                                     | PROVISIONING",
                "created | running  | running | false | ''                                     | PROVISIONING",
                "loading | running  | running | false | 4c7d45f7c63c: Download complete        | PULLING",
                "running | running  | running | false | success, running img/ssh               | RUNNING",
                "running | running  | running | true  | Error: an old line of the program      | RUNNING",
                "running | running  | stopped | false | ''                                     | STOPPING",
                "running | stopped  | stopped | false | ''                                     | STOPPING",
                "exited  | stopped  | stopped | false | ''                                     | STOPPED",
                "exited  | running  | stopped | false | ''                                     | STOPPED",
                "stopped | stopped  | stopped | false | Error response from daemon: old        | STOPPED",
                "exited  | stopped  | running | false | ''                                     | QUEUED",
                "exited  | stopped  | stopped | true  | ''                                     | PREEMPTED",
                "exited  | stopped  | running | true  | ''                                     | PREEMPTED",
                "exited  | running  | running | false | ''                                     | PROVISIONING",
                "rebooting | running | running | false | ''                                    | PROVISIONING",
                "created | running  | running | false | Error response from daemon: OCI runtime create failed | FAILED",
                "loading | running  | running | false | docker_build() error writing dockerfile | FAILED",
                "exited  | running  | running | false | failed to inject CDI devices           | FAILED",
                "offline | running  | running | false | ''                                     | HOST_LOST",
                "unknown | stopped  | stopped | false | ''                                     | HOST_LOST",
                "running | unloaded | running | false | ''                                     | GONE",
                "dancing | running  | running | false | ''                                     | UNKNOWN",
            })
    void fourFieldsTogetherMeanOneThing(
            String actual, String current, String intended, boolean bid, String message, Observed meaning) {
        assertThat(Observed.vast(actual, current, intended, bid, message)).isEqualTo(meaning);
    }
}
