package dev.muster.core.check;

import dev.muster.core.state.Role;

/// What a node is to have, by its own configuration and by what the cluster knows of it.
///
/// @param gpus          at least so many: the more of what `node.yaml` says and what it joined with
/// @param role          what it is for
/// @param pythonNamed   `node.yaml` names a Python: it and PyTorch have to work
public record Expected(int gpus, Role role, boolean pythonNamed) {
    /// Without Python this node does not do what it is for: one is named, or it is there for training, or it has GPUs.
    public boolean needsPython() {
        return pythonNamed || role == Role.TRAINING || gpus > 0;
    }
}
