namespace HpcTrain.Collectives.Gpu;

/// <summary>How device buffers travel.</summary>
public enum DevicePath
{
    /// <summary>As <see cref="DevicePointers"/> where the accelerator is a CUDA device and MPI is CUDA-aware on all ranks, else through <see cref="PinnedStaging"/>.</summary>
    Auto,

    /// <summary>MPI is given the addresses of device memory, and the device reduces.</summary>
    DevicePointers,

    /// <summary>Pieces are copied to page-locked host memory, and back after a collective of the host.</summary>
    PinnedStaging,
}

/// <summary>What <see cref="DeviceCollectives"/> are set up with. The same on all ranks, except for <see cref="Pieces"/>.</summary>
public sealed record DeviceOptions
{
    /// <summary>How device buffers travel.</summary>
    public DevicePath Path { get; init; }

    /// <summary>The host memory of one staged piece in bytes: the contributions and results that are in one host collective. At least 4096.</summary>
    public long PieceBytes { get; init; } = 4 << 20;

    /// <summary>The staged pieces under way: being copied out, in a host collective, and being copied in. At least 1; 3 keep all busy.</summary>
    public int Pieces { get; init; } = 3;
}
