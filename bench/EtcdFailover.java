import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// `kill -9` of the leading etcd member; the write goes to the two others in turn.
final class EtcdFailover implements Control.Failover {
    private final Etcd etcd;
    private int killed;

    EtcdFailover(Etcd etcd) {
        this.etcd = etcd;
    }

    @Override
    public void killAndWrite() throws Exception {
        killed = etcd.leader();
        etcd.kill(killed);
        while (true) {
            for (int member = 0; member < 3; member++) {
                if (member == killed) continue;
                try (Load.Client connection = etcd.connect(member)) {
                    connection.write(0);
                    return;
                } catch (IOException e) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
        }
    }

    @Override
    public void restore() throws Exception {
        etcd.restart(killed);
        etcd.leader();
        TimeUnit.SECONDS.sleep(5);
    }
}
