namespace HpcTrain.Training.Jobs;

/// <summary>Whether gradients are summed while backward goes on, as options say it.</summary>
public enum Overlap
{
    /// <summary>On several nodes, and where a rank has a core for it.</summary>
    Auto,

    /// <summary>Yes.</summary>
    On,

    /// <summary>After backward.</summary>
    Off,
}
