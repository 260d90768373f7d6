namespace HpcTrain.Mpi;

/// <summary>
/// The binary interface that an MPI library speaks. It fixes the handles, the status layout and the special values, and
/// (but for the standard ABI) which launcher can start its ranks.
/// </summary>
public enum MpiFlavor
{
    /// <summary>Open MPI and its descendants: handles are addresses of exported objects (<c>libmpi.so.40</c>).</summary>
    OpenMpi,

    /// <summary>MPICH, Intel MPI, MVAPICH, Cray MPICH: handles are 32-bit numbers (<c>libmpich.so.12</c>, <c>libmpi.so.12</c>).</summary>
    Mpich,

    /// <summary>The standard ABI of MPI 5, which any implementation may offer (<c>libmpi_abi.so.1</c>).</summary>
    StandardAbi,
}
