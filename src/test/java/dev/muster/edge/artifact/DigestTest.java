package dev.muster.edge.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTest {
    @Test
    void itIsSha256WhateverComputesItAndBeginsAnewAtTheEnd() throws Exception {
        byte[] bytes = new byte[1_000_003];
        new Random(1).nextBytes(bytes);
        Digest digest = new Digest();
        for (int time = 0; time < 2; time++) {
            for (int at = 0; at < bytes.length; at += 7919) {
                digest.update(bytes, at, Math.min(7919, bytes.length - at));
            }
            assertThat(digest.end())
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(bytes));
        }
        assertThat(digest.end()).isEqualTo(MessageDigest.getInstance("SHA-256").digest());
    }
}
