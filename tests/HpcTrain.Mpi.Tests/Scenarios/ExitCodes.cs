using NUnit.Framework.Constraints;

namespace HpcTrain.Mpi.Tests;

/// <summary>What a launcher answers when ranks exit by themselves (and not by MPI_Abort).</summary>
internal static class ExitCodes
{
    /// <summary>The ranks' code; Hydra kills the ranks that are left, and may answer with the code of one of those.</summary>
    public static IResolveConstraint Of(MpiFlavor flavor, int code) =>
        flavor == MpiFlavor.Mpich ? Is.EqualTo(code).Or.EqualTo(9) : Is.EqualTo(code);
}
