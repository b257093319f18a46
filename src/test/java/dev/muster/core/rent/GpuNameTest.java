package dev.muster.core.rent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuNameTest {
    @ParameterizedTest
    @CsvSource({
        "RTX 3070,RTX 3070",
        "RTX_3070,RTX 3070",
        "rtx3070,RTX 3070",
        "3070,RTX 3070",
        "GeForce RTX 3070,RTX 3070",
        "NVIDIA GeForce RTX 4070 SUPER,RTX 4070S",
        "RTX 4070 Ti SUPER,RTX 4070S Ti",
        "1080 ti,GTX 1080 Ti",
        "V100,Tesla V100",
        "H100 SXM5,H100 SXM",
        "NVIDIA H100 PCIe,H100 PCIE",
        "A100-SXM4-80GB,A100 SXM4",
        "RTX 6000 Ada Generation,RTX 6000Ada",
        "Quadro RTX 8000,Q RTX 8000",
        "H200,H200",
        "l40s,L40S"
    })
    void oneCardHasOneNameHoweverItIsWritten(String written, String name) {
        assertThat(GpuName.find(written, List.of())).containsExactly(name);
    }

    @Test
    void aKindWithoutItsFormMeansAllForms() {
        assertThat(GpuName.find("a100", List.of())).containsExactly("A100 PCIE", "A100 SXM4", "A100X");
        assertThat(GpuName.find("H100", List.of())).containsExactly("H100 NVL", "H100 PCIE", "H100 SXM");
    }

    @Test
    void whatNobodyKnowsIsNothingUnlessItsProviderDoes() {
        assertThat(GpuName.find("RTX 9090", List.of())).isEmpty();
        assertThat(GpuName.find("", List.of())).isEmpty();
        assertThat(GpuName.find("none", List.of())).isEmpty();
        assertThat(GpuName.find("rtx_9090", List.of("RTX 9090"))).containsExactly("RTX 9090");
    }

    @Test
    void eachKnownNameMeansItself() {
        assertThat(GpuName.known())
                .allSatisfy(name -> assertThat(GpuName.find(name, List.of())).containsExactly(name));
    }
}
