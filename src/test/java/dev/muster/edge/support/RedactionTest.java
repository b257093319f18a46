package dev.muster.edge.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    private final Redaction redaction = Redaction.of(List.of("the-cluster-token", "abc"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VAST_API_KEY=S3CRET-7f8a9b",
                "api_key: S3CRET-7f8a9b",
                "\"token\" : \"S3CRET-7f8a9b\"",
                "wandb.api-key = 'S3CRET-7f8a9b'",
                "secret: \"with \\\" quote S3CRET-7f8a9b\"",
                "password=S3CRET-7f8a9b, user=ann",
                "--token S3CRET-7f8a9b-0123456789",
                "run.sh --password S3CRET55 --token tok",
                "{\"command\":[\"sh\",\"--password\",\"S3CRET55\"]}",
                "{\"command\" : [ \"sh\", \"-c\", \"x --db-password 'S3CRET 55'; y\" ]}",
                "{\"env\":{\"HOME\":\"/S3CRET\",\"MYPW\":\"S3CRET}2\"},\"x\":1}",
                "\"env\" : {\n  \"A\" : \"S3CRET\",\n  \"B\" : \"a \\\" S3CRET\"\n}",
                "Authorization: Bearer S3CRET-7f8a9b",
                "authorization: basic S3CRETdXNlcjpwYXNz",
                "fetch https://ann:S3CRET-7f8a9b@example.org/x",
                "webhook: https://hooks.slack.com/services/T000/B000/S3CRET",
                "posted to https://discord.com/api/webhooks/1/S3CRET failed",
                "-----BEGIN OPENSSH PRIVATE KEY-----\nS3CRET\nmore\n-----END OPENSSH PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----\nS3CRET cut off",
                "key AKIAS3CRETS3CRETS3CR used",
                "ghp_S3CRETS3CRETS3CRETS3CRETS3",
                "RINGRIFT_CLUSTER_AUTH_TOKEN=S3CRET",
                "{\"routing_key\":\"S3CRET\",\"x\":1}",
                "url?access_token=S3CRET&x=1",
                "2026-01-01T00:00:00.000Z INFO started env=[MY_SECRET=S3CRET]"
            })
    void whatLooksLikeASecretIsTakenOut(String text) {
        assertThat(redaction.apply(text)).doesNotContain("S3CRET").contains(Redaction.REMOVED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attempt.begun attempt=j7.0/1 token=4711",
                "token_file: /home/ann/token",
                "api_key: ${VAST_API_KEY}",
                "sha=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "node.started node=n1 cluster=muster data=/home/ann/muster",
                "tokens: 100000",
                "cluster join --token-file /home/ann/token --name n1",
                "cluster token --for n1",
                "train --token --verbose",
                "\"env\":{},\"name\":\"x\"",
                "expected the token of the cluster, but it was refused",
                "abc is too short to be looked for"
            })
    void whatIsNoneStays(String text) {
        assertThat(redaction.apply(text)).isEqualTo(text);
    }

    @Test
    void aKnownSecretGoesWhereverItStands() {
        assertThat(redaction.apply("x=the-cluster-token, /the-cluster-token/\"the-cluster-token\""))
                .doesNotContain("the-cluster-token");
    }

    @Test
    void theRestOfALineStays() {
        assertThat(redaction.apply("user: ann, password: S3CRET, host: h1"))
                .isEqualTo("user: ann, password: [removed], host: h1");
    }
}
