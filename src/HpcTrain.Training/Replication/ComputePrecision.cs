namespace HpcTrain.Training.Replication;

/// <summary>In what layers that are products of matrices compute. Parameters and optimizers keep f32 copies, all else computes in f32.</summary>
public enum ComputePrecision
{
    /// <summary>f32, as everything.</summary>
    F32,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>Half precision; it needs <see cref="LossScaling"/>.</summary>
    F16,
}
