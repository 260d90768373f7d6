namespace HpcTrain.Pipelines;

/// <summary>What a schedule achieves.</summary>
public enum PipelinePurpose : byte
{
    /// <summary>One step of training: every micro-batch forward and backward through every chunk, gradients reduced, parameters updated.</summary>
    Training,

    /// <summary>Every micro-batch forward through every chunk; nothing is kept.</summary>
    Evaluation,
}
