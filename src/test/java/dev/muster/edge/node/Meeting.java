package dev.muster.edge.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A program whose members meet as those of a training do: rank 0 listens where all are told, and tells each that came how
/// many they are. The first time, rank 1 then fails while rank 0 waits for it.
public final class Meeting {
    private Meeting() {}

    /// @param args a file that the first to fail leaves behind; without one nobody fails
    public static void main(String[] args) throws Exception {
        int rank = Integer.parseInt(System.getenv("RANK"));
        int size = Integer.parseInt(System.getenv("WORLD_SIZE"));
        InetAddress address = InetAddress.getByName(System.getenv("MASTER_ADDR"));
        int port = Integer.parseInt(System.getenv("MASTER_PORT"));
        boolean first = args.length > 0 && !Files.exists(Path.of(args[0]));
        if (rank == 0) lead(address, port, size);
        else follow(address, port);
        if (!first) return;
        if (rank == 0) Thread.sleep(600_000);
        Files.createFile(Path.of(args[0]));
        System.exit(3);
    }

    private static void lead(InetAddress address, int port, int size) throws IOException {
        try (ServerSocket server = new ServerSocket(port, size, address)) {
            for (int met = 1; met < size; met++) {
                try (Socket member = server.accept()) {
                    String who = reader(member).readLine();
                    System.out.println("met " + who);
                    Files.writeString(Path.of("met.txt"), who);
                    new PrintStream(member.getOutputStream(), true, StandardCharsets.UTF_8).println("we are " + size);
                }
            }
        }
    }

    private static void follow(InetAddress address, int port) throws Exception {
        for (int tries = 0; ; tries++) {
            try (Socket leader = new Socket(address, port)) {
                String me = "rank " + System.getenv("RANK") + " on " + System.getenv("MUSTER_NODE");
                new PrintStream(leader.getOutputStream(), true, StandardCharsets.UTF_8).println(me);
                System.out.println("told: " + reader(leader).readLine());
                return;
            } catch (ConnectException e) {
                if (tries == 300) throw e;
                Thread.sleep(100);
            }
        }
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }
}
