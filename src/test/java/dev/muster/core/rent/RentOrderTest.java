package dev.muster.core.rent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RentOrderTest {
    private static RentOrder order(String label, int disk, String variable, String port, String key) {
        TreeMap<String, String> env = new TreeMap<>();
        env.put(variable, "a-secret");
        return new RentOrder(label, "7", disk, "img", "", env, List.of(port), Optional.empty(), key);
    }

    @Test
    void anOrderIsShownWithoutWhatMayBeSecret() {
        assertThat(order("m-1", 10, "TOKEN", "8770/tcp", "ssh-ed25519 AAAA"))
                .hasToString("RentOrder[m-1, offer 7, 10 GB, img]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-x", "has blank", "ü"})
    void aLabelHasToSurviveEveryProvider(String label) {
        assertThatThrownBy(() -> order(label, 10, "A", "1", "")).hasMessageContaining("expected a label");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ubuntu",
                "pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime",
                "registry.example:5000/team/a__b/c:v1",
                "ubuntu@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void anImageIsNamedAsRegistriesDo(String image) {
        assertThat(RentOrder.isImage(image)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bad image name;rm", "a b", "a:", "/a", "a/", "-v", "a:b:c", "A/$(b)", "ubuntu\n"})
    void whatNoRegistryCanHaveIsNoImage(String image) {
        assertThat(RentOrder.isImage(image)).isFalse();
    }

    @Test
    void whatCannotBeOrderedIsRefusedBeforeItIsSent() {
        assertThatThrownBy(() -> order("m", 0, "A", "1", "")).hasMessageContaining("disk of 1 GB");
        assertThatThrownBy(() -> order("m", 1, "-p 1:1", "1", "")).hasMessageContaining("variable's name");
        assertThatThrownBy(() -> order("m", 1, "A", "1:2", "")).hasMessageContaining("a port such as");
        assertThatThrownBy(() -> order("m", 1, "A", "1", "-----BEGIN OPENSSH PRIVATE KEY-----"))
                .hasMessage("expected one public SSH key on one line");
    }
}
