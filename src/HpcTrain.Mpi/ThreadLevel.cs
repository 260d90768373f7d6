namespace HpcTrain.Mpi;

/// <summary>
/// How threads of one rank may call MPI. Asked for at initialisation; <see cref="MpiEnvironment.ThreadLevel"/> says what
/// the library grants, which is never less.
/// </summary>
public enum ThreadLevel
{
    /// <summary>The process has one thread. A .NET process never has, so this promises only what Funneled promises.</summary>
    Single,

    /// <summary>Only the thread that initialised MPI calls it.</summary>
    Funneled,

    /// <summary>Any thread calls MPI, but never two at the same time.</summary>
    Serialized,

    /// <summary>Any thread calls MPI at any time.</summary>
    Multiple,
}
