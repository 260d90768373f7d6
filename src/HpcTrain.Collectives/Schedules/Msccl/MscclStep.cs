namespace HpcTrain.Collectives.Msccl;

/// <summary>One of a GPU's three buffers.</summary>
internal enum MscclBuffer : byte
{
    Input,
    Output,
    Scratch,
}

/// <summary>Where a chunk lies: the letter and the offset of a file.</summary>
internal readonly record struct MscclPlace(MscclBuffer Buffer, int Offset)
{
    public char Letter => Buffer switch { MscclBuffer.Input => 'i', MscclBuffer.Output => 'o', _ => 's' };

    /// <summary>The place that many chunks later in the same buffer.</summary>
    public static MscclPlace operator +(MscclPlace place, int chunks) => place with { Offset = place.Offset + chunks };

    public override string ToString() => $"{Letter}[{Offset}]";
}

/// <summary>What a step does. Fused steps keep in registers what they pass on.</summary>
internal enum MscclStepType : byte
{
    /// <summary>Sends the source.</summary>
    Send,

    /// <summary>Receives into the target.</summary>
    Receive,

    /// <summary>Receives into the target, and sends it on.</summary>
    ReceiveCopySend,

    /// <summary>Receives, reduces with the source, and sends the result on; the source keeps its value.</summary>
    ReceiveReduceSend,

    /// <summary>Receives, reduces with the source, and writes the result to the target.</summary>
    ReceiveReduceCopy,

    /// <summary>Receives, reduces with the source, writes the result to the target and sends it on.</summary>
    ReceiveReduceCopySend,

    /// <summary>Copies the source to the target.</summary>
    Copy,

    /// <summary>Reduces the source into the target.</summary>
    Reduce,

    /// <summary>Nothing; it carries one more dependency of the step after it.</summary>
    Nop,
}

internal static class MscclStepTypes
{
    private static readonly string[] s_names = ["s", "r", "rcs", "rrs", "rrc", "rrcs", "cpy", "re", "nop"];

    public static IReadOnlyList<string> Names => s_names;

    public static string Name(this MscclStepType type) => s_names[(int)type];

    public static bool TryParse(string name, out MscclStepType type)
    {
        int index = Array.IndexOf(s_names, name);
        type = (MscclStepType)Math.Max(index, 0);
        return index >= 0;
    }

    public static bool Sends(this MscclStepType type) =>
        type is MscclStepType.Send or MscclStepType.ReceiveCopySend or MscclStepType.ReceiveReduceSend or MscclStepType.ReceiveReduceCopySend;

    public static bool Receives(this MscclStepType type) => type is >= MscclStepType.Receive and <= MscclStepType.ReceiveReduceCopySend;

    /// <summary>Whether what it receives is reduced with its source.</summary>
    public static bool ReducesReceived(this MscclStepType type) => type is >= MscclStepType.ReceiveReduceSend and <= MscclStepType.ReceiveReduceCopySend;

    public static bool ReadsSource(this MscclStepType type) =>
        type.ReducesReceived() || type is MscclStepType.Send or MscclStepType.Copy or MscclStepType.Reduce;

    public static bool WritesTarget(this MscclStepType type) =>
        type is not (MscclStepType.Send or MscclStepType.ReceiveReduceSend or MscclStepType.Nop);
}

/// <summary>One step of a thread block.</summary>
/// <param name="Type">What it does.</param>
/// <param name="Source">The first place that it reads.</param>
/// <param name="Target">The first place that it writes.</param>
/// <param name="Count">How many neighbouring chunks it moves.</param>
/// <param name="After">The step of another thread block that must be done before, or null.</param>
/// <param name="IsAwaited">Whether it says when it is done, so that others may wait for it.</param>
/// <param name="Line">Its line in the file; 0 when it comes from none.</param>
internal sealed record MscclStep(
    MscclStepType Type, MscclPlace Source, MscclPlace Target, int Count, MscclStepId? After, bool IsAwaited, int Line = 0);

/// <summary>The name of a step on its GPU.</summary>
internal readonly record struct MscclStepId(int Block, int Step);
