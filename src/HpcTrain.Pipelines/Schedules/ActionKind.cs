namespace HpcTrain.Pipelines;

/// <summary>What an action of a pipeline schedule does.</summary>
public enum ActionKind : byte
{
    /// <summary>Computes a chunk's output for a micro-batch, and keeps what its backward needs.</summary>
    Forward,

    /// <summary>Computes the gradients of a chunk's input and parameters for a micro-batch, and frees what forward kept.</summary>
    Backward,

    /// <summary>The first half of a backward: the gradient of the input alone, which the chunk before waits for.</summary>
    BackwardInput,

    /// <summary>The second half of a backward: the gradients of the parameters, for which nobody waits. It frees what forward kept.</summary>
    BackwardWeight,

    /// <summary>Sends a chunk's output to the rank of the next chunk.</summary>
    SendActivation,

    /// <summary>Receives a chunk's input from the rank of the chunk before.</summary>
    ReceiveActivation,

    /// <summary>Sends the gradient of a chunk's input to the rank of the chunk before.</summary>
    SendGradient,

    /// <summary>Receives the gradient of a chunk's output from the rank of the next chunk.</summary>
    ReceiveGradient,

    /// <summary>Reduces the gradients of a chunk's parameters with those of the other replicas. It has no micro-batch.</summary>
    ReduceGradients,

    /// <summary>Updates the parameters of all chunks of the rank. It has neither micro-batch nor chunk.</summary>
    Step,
}

/// <summary>The names of actions in texts and files, and what kinds have in common.</summary>
public static class ActionKinds
{
    private static readonly string[] s_names =
    [
        "forward", "backward", "backward-input", "backward-weight", "send-activation", "receive-activation", "send-gradient", "receive-gradient",
        "reduce-gradients", "step",
    ];

    private static readonly string[] s_short = ["F", "B", "I", "W", "send F", "recv F", "send B", "recv B", "reduce", "step"];

    /// <summary>All names, in the order of <see cref="ActionKind"/>.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The name in files, for example <c>backward-input</c>.</summary>
    public static string Name(this ActionKind kind) => s_names[(int)kind];

    /// <summary>The name in grids and drawings: F, B, I (input), W (weight) for computations.</summary>
    public static string ShortName(this ActionKind kind) => s_short[(int)kind];

    /// <summary>Finds a kind by its name.</summary>
    public static bool TryParse(string name, out ActionKind kind)
    {
        int index = Array.IndexOf(s_names, name);
        kind = (ActionKind)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Whether the rank computes: forward, backward and its halves.</summary>
    public static bool IsComputation(this ActionKind kind) => kind <= ActionKind.BackwardWeight;

    /// <summary>Whether it is one end of a message.</summary>
    public static bool IsMessage(this ActionKind kind) => kind is >= ActionKind.SendActivation and <= ActionKind.ReceiveGradient;

    /// <summary>Whether it is the sending end of a message.</summary>
    public static bool IsSend(this ActionKind kind) => kind is ActionKind.SendActivation or ActionKind.SendGradient;

    /// <summary>Whether the message goes from the chunk before to the next: an activation, not a gradient.</summary>
    public static bool IsActivation(this ActionKind kind) => kind is ActionKind.SendActivation or ActionKind.ReceiveActivation;

    /// <summary>Whether it names a micro-batch.</summary>
    public static bool HasMicroBatch(this ActionKind kind) => kind < ActionKind.ReduceGradients;

    /// <summary>Whether it frees what the chunk's forward kept of the micro-batch.</summary>
    public static bool FreesActivations(this ActionKind kind) => kind is ActionKind.Backward or ActionKind.BackwardWeight;
}
