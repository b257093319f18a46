package dev.muster.edge.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.ssh.SshException.Kind;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What OpenSSH says, as its versions since 8.0 have said it.
class DiagnosisTest {
    private static final SshTarget N1 = new SshTarget(
            "n1", "127.0.0.9", 2222, "root", Optional.of(Path.of("/keys/n1")), Optional.empty(), OptionalInt.empty());

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ssh: connect to host 127.0.0.9 port 2222: Connection refused                             | REFUSED
                    ssh: connect to host 127.0.0.9 port 2222: No route to host                               | UNREACHABLE
                    ssh: connect to host 127.0.0.9 port 2222: Network is unreachable                         | UNREACHABLE
                    ssh: connect to host 127.0.0.9 port 2222: Connection timed out                           | TIMEOUT
                    ssh: connect to host 127.0.0.9 port 2222: Operation timed out                            | TIMEOUT
                    Connection timed out during banner exchange                                              | TIMEOUT
                    ssh: Could not resolve hostname n1: Name or service not known                            | NO_ADDRESS
                    ssh: Could not resolve hostname n1: Temporary failure in name resolution                 | NO_ADDRESS
                    root@127.0.0.9: Permission denied (publickey).                                           | KEY_REFUSED
                    root@127.0.0.9: Permission denied (publickey,password).                                  | KEY_REFUSED
                    Received disconnect from 127.0.0.9 port 2222:2: Too many authentication failures         | KEY_REFUSED
                    Load key "/keys/n1": bad permissions                                                     | KEY_REFUSED
                    Host key verification failed.                                                            | HOST_KEY_CHANGED
                    kex_exchange_identification: Connection closed by remote host                            | LOST
                    kex_exchange_identification: read: Connection reset by peer                              | LOST
                    Connection reset by 127.0.0.9 port 2222                                                  | LOST
                    Unable to negotiate with 127.0.0.9 port 2222: no matching host key type found.           | REFUSED
                    Connection closed by UNKNOWN port 65535                                                  | JUMP_FAILED
                    Bad owner or permissions on /home/ada/.ssh/config                                        | NO_SSH
                    something that no version has said yet                                                   | LOST
                    """)
    void eachWayToFailHasItsKindAndItsLineIsKept(String line, Kind kind) {
        SshException found = Diagnosis.login(N1, line + "\r\n");
        assertThat(found.kind()).isEqualTo(kind);
        assertThat(found).hasMessageStartingWith("n1 (root@127.0.0.9:2222): ").hasMessageContaining(line);
    }

    @Test
    void theCureIsForThisMachine() {
        assertThat(Diagnosis.login(N1, "Permission denied (publickey).").getMessage())
                .contains("/keys/n1 does not exist")
                .contains("`ssh-copy-id -i /keys/n1.pub -p 2222 root@127.0.0.9`");
        assertThat(Diagnosis.login(N1, "Host key verification failed.").getMessage())
                .contains("`ssh-keygen -R \"[127.0.0.9]:2222\"`");
    }
}
