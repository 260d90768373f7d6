namespace HpcTrain.Mpi;

/// <summary>
/// The exit codes that this assembly gives to a process. The launcher passes the first failing rank's on; but Hydra, which
/// kills the other ranks then, may answer with their 9 instead.
/// </summary>
public static class MpiExitCodes
{
    /// <summary>An exception ended the rank, and <see cref="MpiProgram"/> ended the other ranks with it.</summary>
    public const int Failure = 70;

    /// <summary>MPI could not start: no library, or a library and a launcher that do not match.</summary>
    public const int NotStarted = 71;

    /// <summary>MPI_Finalize did not come to its end in time, or a rank never reached it (<see cref="MpiVariables.FinalizeTimeout"/>).</summary>
    public const int FinalizeTimeout = 72;

    /// <summary>A collective stalled: some rank did not come, died, or called something else. Standard error names it.</summary>
    public const int Stalled = 73;
}
