package dev.muster.edge.config;

import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.GpuSpec;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostRole;
import dev.muster.core.hosts.HostStatus;
import dev.muster.core.hosts.Place;
import dev.muster.core.state.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// Reads one host, under all names that its keys ever had.
///
/// @param user what its group says; empty when it says nothing
/// @param port of SSH where the host says nothing
record HostFields(String user, String identity, int port) {
    static final HostFields NONE = new HostFields("", "", Host.SSH_PORT);

    private static final int PORT_MAX = 65_535;
    private static final int GIB_MAX = 1 << 20;

    private static final List<String> PROVIDERS = List.of(
            "vast_instance_id",
            "runpod_id",
            "nebius_id",
            "hetzner_id",
            "vultr_id",
            "aws_instance_id",
            "lambda_id",
            "lambda_instance_id",
            "gcp_instance_id",
            "azure_id");

    /// Of other parts of the prior system, or told by the machine itself once its agent runs.
    private static final List<String> OTHERS = List.of(
            "batch_multiplier",
            "cloudflare_service_token_id",
            "cloudflare_service_token_secret",
            "description",
            "disable_gpu_tree",
            "export_enabled",
            "external_storage_path",
            "gauntlet_enabled",
            "id",
            "last_seen",
            "name",
            "needs_userspace_tailscale",
            "p2p_priority_boost",
            "p2p_public_port",
            "priority",
            "relay_primary",
            "skip_sync_receive",
            "storage_paths",
            "storage_type",
            "sync_to_mac_studio_owc",
            "use_external_storage",
            "worker_port",
            "worker_url");

    HostFields withPort(int other) {
        return new HostFields(user, identity, other);
    }

    HostFields with(String user, String identity, OptionalInt port) {
        return new HostFields(user, identity, port.orElse(this.port));
    }

    Host read(String name, Place at, Fields fields) {
        Host host = new Host(
                name,
                at,
                reach(fields),
                machine(fields),
                work(fields),
                status(fields),
                rented(name, fields),
                fields.bool(false, "p2p_voter"),
                fields.text("note", "notes"));
        for (String port : List.of("p2p_public_port", "worker_port")) fields.whole(1, PORT_MAX, port);
        for (String flag : List.of("gauntlet_enabled", "export_enabled", "needs_userspace_tailscale"))
            fields.bool(true, flag);
        fields.known(OTHERS);
        fields.end();
        return host;
    }

    /// `user@address` and `address:port` are taken apart; keys of their own count more.
    private Host.Reach reach(Fields fields) {
        String written = fields.text("ssh_host", "host", "hostname");
        String user = fields.text("ssh_user", "user");
        int port = fields.entry("ssh_port", "port").isEmpty()
                ? this.port
                : fields.whole(1, PORT_MAX, "ssh_port", "port").orElse(Host.NO_PORT);
        int at = written.lastIndexOf('@');
        String address = written.substring(at + 1);
        if (at > 0 && user.isEmpty()) user = written.substring(0, at);
        if (address.matches("[^:]+:\\d{1,5}")) {
            int colon = address.indexOf(':');
            int behind = Integer.parseInt(address.substring(colon + 1));
            if (behind >= 1 && behind <= PORT_MAX) {
                if (fields.entry("ssh_port", "port").isEmpty()) port = behind;
            } else {
                String message = "expected a port of 1 to " + PORT_MAX + ", but found " + Section.quoted(written);
                fields.add(Kind.WRONG_VALUE, "ssh_host", fields.at("ssh_host", "host", "hostname"), message, "");
                port = Host.NO_PORT;
            }
            address = address.substring(0, colon);
        }
        String identity = fields.text("ssh_key");
        return new Host.Reach(
                address,
                port,
                user.isEmpty() ? this.user : user,
                identity.isEmpty() ? this.identity : identity,
                fields.text("tailscale_ip"),
                fields.text("ssh_proxy"),
                fields.text("cloudflare_tunnel"),
                fields.bool(true, "p2p_enabled"),
                fields.bool(false, "nat_blocked"),
                fields.bool(false, "force_relay_mode"),
                fields.whole(1, PORT_MAX, "socks5_port"));
    }

    private static Host.Machine machine(Fields fields) {
        boolean ram = fields.text("storage_type").equals("ram");
        boolean ephemeral = fields.bool(ram, "is_ephemeral");
        return new Host.Machine(
                gpus(fields),
                fields.decimal(0, 4096, "cpus"),
                bytes(fields.decimal(0, GIB_MAX, "memory_gb")),
                ephemeral,
                fields.bool(false, "is_container"));
    }

    private static GpuSpec gpus(Fields fields) {
        String written = fields.text("gpu", "gpu_type");
        OptionalInt count = fields.whole(0, GpuSpec.COUNT_MAX, "gpu_count");
        boolean some = fields.bool(false, "has_gpu");
        Optional<Bytes> all = bytes(fields.decimal(0, GIB_MAX, "gpu_vram_gb", "vram_gb", "gpu_memory_gb"));
        GpuSpec spec;
        try {
            spec = GpuSpec.parse(written);
        } catch (IllegalArgumentException e) {
            fields.add(Kind.WRONG_VALUE, "gpu", fields.at("gpu", "gpu_type"), e.getMessage(), "");
            return GpuSpec.NONE;
        }
        if (written.isEmpty() && some) spec = spec.of(1);
        if (count.isPresent()) spec = spec.of(count.getAsInt());
        return all.map(spec::withMemory).orElse(spec);
    }

    /// 0 is how scripts wrote "unknown".
    private static Optional<Bytes> bytes(OptionalDouble gib) {
        return gib.isPresent() && gib.getAsDouble() > 0
                ? Optional.of(new Bytes((long) (gib.getAsDouble() * (1L << 30))))
                : Optional.empty();
    }

    private static Host.Work work(Fields fields) {
        List<HostRole> roles =
                fields.texts("role", "roles").stream().map(HostRole::of).toList();
        for (HostRole role : roles) {
            if (!role.known()) unknown(fields, Kind.UNKNOWN_ROLE, "role", role.word(), HostRole.words());
        }
        fields.known(List.of("role", "roles"));
        String activate = fields.text("venv_activate");
        return new Host.Work(
                roles,
                fields.bool(true, "selfplay_enabled"),
                fields.bool(true, "training_enabled"),
                fields.whole(0, 100_000, "max_parallel_jobs"),
                fields.text("ringrift_path", "remote_path"),
                activate);
    }

    private static HostStatus status(Fields fields) {
        HostStatus status = HostStatus.of(fields.text("status"));
        if (!status.known()) unknown(fields, Kind.UNKNOWN_STATUS, "status", status.word(), HostStatus.words());
        return status;
    }

    private static void unknown(Fields fields, Kind kind, String key, String word, List<String> known) {
        String nearest = Fields.nearest(word, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
        String message = "expected a " + key + " that is known, but found " + Section.quoted(word)
                + ", which counts as out of service" + nearest;
        fields.add(kind, key, fields.at(key, key + "s"), message, "");
    }

    private static Host.Rented rented(String name, Fields fields) {
        String provider = "";
        String id = "";
        for (String key : PROVIDERS) {
            String text = fields.text(key);
            if (text.isEmpty() || !id.isEmpty()) continue;
            provider = key.substring(0, key.indexOf('_'));
            id = text;
        }
        if (provider.isEmpty() && name.matches("vast-\\d+")) {
            provider = "vast";
            id = name.substring("vast-".length());
        }
        return new Host.Rented(provider, id, fields.text("region", "aws_region"));
    }
}
