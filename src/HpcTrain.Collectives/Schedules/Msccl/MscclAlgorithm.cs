namespace HpcTrain.Collectives.Msccl;

/// <summary>An MSCCL algorithm as its file has it: steps in thread blocks on GPUs, over places in three buffers.</summary>
/// <param name="Name">The algorithm's name.</param>
/// <param name="Collective">What it achieves.</param>
/// <param name="Root">The root of a collective that has one; otherwise null.</param>
/// <param name="Chunks">How many chunks of equal length the longer of input and output has (<c>nchunksperloop</c>).</param>
/// <param name="IsInPlace">Whether input and output share their memory.</param>
/// <param name="Gpus">The GPUs in the order of their ranks.</param>
internal sealed record MscclAlgorithm(
    string Name, CollectiveKind Collective, int? Root, int Chunks, bool IsInPlace, IReadOnlyList<MscclGpu> Gpus)
{
    public int Ranks => Gpus.Count;

    /// <summary>The chunks of a rank's input.</summary>
    public int InputChunks => Collective is CollectiveKind.AllGather or CollectiveKind.Gather ? Chunks / Ranks : Chunks;

    /// <summary>The chunks of a rank's output.</summary>
    public int OutputChunks => Collective is CollectiveKind.ReduceScatter or CollectiveKind.Scatter ? Chunks / Ranks : Chunks;
}

/// <summary>What one rank does.</summary>
/// <param name="InputChunks">The chunks of its input that steps may name; 0 when they name none.</param>
/// <param name="OutputChunks">The same of its output.</param>
/// <param name="ScratchChunks">The same of its scratch buffer.</param>
/// <param name="Blocks">Its thread blocks; their positions are the numbers that dependencies use.</param>
internal sealed record MscclGpu(int InputChunks, int OutputChunks, int ScratchChunks, IReadOnlyList<MscclBlock> Blocks);

/// <summary>A thread block: steps that run one after the other, with one GPU to send to and one to receive from.</summary>
/// <param name="SendPeer">The GPU that it sends to, or -1.</param>
/// <param name="ReceivePeer">The GPU that it receives from, or -1.</param>
/// <param name="Channel">The channel of both connections.</param>
/// <param name="Steps">The steps.</param>
internal sealed record MscclBlock(int SendPeer, int ReceivePeer, int Channel, IReadOnlyList<MscclStep> Steps);
