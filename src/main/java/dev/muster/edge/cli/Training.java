package dev.muster.edge.cli;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Runs typical commands against recorded answers, so that a start-up cache (JEP 514) holds what they load. Prints
/// nothing, listens on loopback only, and takes about a second.
public final class Training {
    private static final String[][] COMMANDS = {
        {"status"},
        {"status", "-o", "wide"},
        {"status", "--json"},
        {"node", "list"},
        {"node", "list", "-o", "yaml"},
        {"node", "show", "n2"},
        {"node", "drain", "n2"},
        {"node", "remove", "n2", "--dry-run"},
        {"voter", "list"},
        {"job", "list"},
        {"job", "show", "j2"},
        {"job", "explain", "j3"},
        {"job", "run", "--name", "x", "--cpus", "1", "-e", "A=b", "--dry-run", "--", "true"},
        {"job", "run", "--", "true"},
        {"job", "run", "-f", "-", "--dry-run"},
        {"model", "list"},
        {"model", "show", "hex8_2p"},
        {"rating", "list", "--config", "hex8_2p"},
        {"loop", "list"},
        {"loop", "show", "hex8_2p"},
        {"events"},
        {"doctor"},
        {"help"},
        {"job", "--help"},
        {"job", "run", "--help"},
        {"nodde"},
        {"--version"},
    };

    private Training() {}

    /// @return an exit code
    public static int run(Supplier<String> version) {
        try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Map<String, String> answers = answers();
            Thread server = new Thread(() -> serve(socket, answers), "training-server");
            server.setDaemon(true);
            server.start();
            // The process's own input and output are loaded too, though nothing is written to them.
            Shell.system(Programs.none()).colours();
            for (String[] words : COMMANDS) new Cli(version).run(words, shell(socket.getLocalPort()));
            return Exit.DONE;
        } catch (IOException e) {
            System.err.println("muster: training: " + e);
            return Exit.ERROR;
        }
    }

    private static Shell shell(int port) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        byte[] job = "name: x\ncommand: [a, b]\nenv: {A: 1}\n".getBytes(StandardCharsets.UTF_8);
        return new Shell(
                nowhere,
                nowhere,
                new ByteArrayInputStream(job),
                Map.of("MUSTER_NODE", "http://127.0.0.1:" + port, "MUSTER_TOKEN", "training", "HOME", "/nonexistent"),
                () -> false,
                InstantSource.system(),
                duration -> false,
                Programs.none());
    }

    /// Recorded by a test from a real server: a line holds a path, a tab and the JSON it answers.
    private static Map<String, String> answers() throws IOException {
        Map<String, String> answers = new HashMap<>();
        try (InputStream in = Training.class.getResourceAsStream("training.txt")) {
            if (in == null) throw new IOException("training.txt is missing from the jar");
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                int tab = line.indexOf('\t');
                answers.put(line.substring(0, tab), line.substring(tab + 1));
            }
        }
        return answers;
    }

    private static void serve(ServerSocket server, Map<String, String> answers) {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                answer(client, answers);
            } catch (IOException e) {
                // The training is over, or a command had read enough.
            }
        }
    }

    private static void answer(Socket client, Map<String, String> answers) throws IOException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        List<String> request = List.of(reader.readLine().split(" "));
        int length = 0;
        for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
            if (line.startsWith("Content-Length: "))
                length = Integer.parseInt(line.substring("Content-Length: ".length()));
        }
        for (int read = 0; read < length; read++) reader.read();
        String json = answers.getOrDefault(request.get(1), "{\"job\":\"j1\",\"placeable\":true,\"revision\":1}");
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nMuster-Revision: 1\r\nContent-Length: "
                + body.length + "\r\n\r\n";
        OutputStream out = client.getOutputStream();
        out.write(head.getBytes(StandardCharsets.UTF_8));
        out.write(body);
        out.flush();
    }
}
