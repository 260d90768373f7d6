namespace HpcTrain.Mpi;

/// <summary>Whether an MPI library takes addresses of device memory in its calls.</summary>
/// <param name="Cuda">Memory of CUDA devices.</param>
/// <param name="Rocm">Memory of ROCm devices.</param>
/// <param name="Basis">How this is known; ends the sentence "so it is, because ...".</param>
public sealed record MpiGpuSupport(bool Cuda, bool Rocm, string Basis)
{
    /// <summary>Memory of some device.</summary>
    public bool IsAware => Cuda || Rocm;
}
