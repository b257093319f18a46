package dev.muster.edge.vastsim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final Route SLOW = new Route("PUT", 0, "slow", 4.5, false, call -> Reply.text(200, "", ""));
    private static final Route FREE = new Route("PUT", 0, "free", 0, false, call -> Reply.text(200, "", ""));

    private long now = 1;

    @Test
    void eachEndpointHasAnIntervalOfItsOwn() {
        Throttle throttle = new Throttle(() -> now);
        assertThat(throttle.allows(SLOW)).isTrue();
        assertThat(throttle.allows(FREE)).isTrue();
        assertThat(throttle.allows(FREE)).isTrue();
        now += TimeUnit.MILLISECONDS.toNanos(4400);
        assertThat(throttle.allows(SLOW)).isFalse();
        now += TimeUnit.MILLISECONDS.toNanos(101);
        assertThat(throttle.allows(SLOW)).isTrue();
    }

    @Test
    void whoIsTooQuickIsToldSoInPlainText() throws Exception {
        try (Client client = Client.of(Client.settings(1, true), Boot.none())) {
            for (int i = 0; i < 10; i++)
                assertThat(client.ask("POST", "/api/v0/bundles/", "{}").status())
                        .isEqualTo(200);
            Client.Answer answer = client.ask("POST", "/api/v0/bundles/", "{}");
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.type()).isEqualTo("text/plain");
            assertThat(answer.text()).isEqualTo("API requests too frequent: endpoint threshold=6.0");
        }
    }
}
