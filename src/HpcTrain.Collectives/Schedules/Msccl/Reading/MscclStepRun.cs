namespace HpcTrain.Collectives.Msccl;

/// <summary>A step as it ran.</summary>
/// <param name="rank">Its GPU.</param>
/// <param name="id">Its name there.</param>
/// <param name="step">What it does.</param>
/// <param name="chunks">The chunks of the collective that it moves: one for each of its places.</param>
/// <param name="sender">The step that sent what it receives, or null.</param>
internal sealed class MscclStepRun(int rank, MscclStepId id, MscclStep step, int[] chunks, MscclStepRun? sender)
{
    public int Rank => rank;

    public MscclStepId Id => id;

    public MscclStep Step => step;

    public int[] Chunks => chunks;

    public MscclStepRun? Sender => sender;

    /// <summary>The step that receives what it sends, or null.</summary>
    public MscclStepRun? Receiver { get; set; }
}
