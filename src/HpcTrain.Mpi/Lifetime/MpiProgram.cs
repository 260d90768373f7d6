namespace HpcTrain.Mpi;

/// <summary>
/// Runs a rank's whole program so that no failure of one rank leaves the others waiting: an exception is reported in one
/// sentence, and the job ends on every rank.
/// </summary>
public static class MpiProgram
{
    /// <summary>Initialises MPI, runs the body, finalises.</summary>
    /// <param name="body">The rank's program; its result is the exit code.</param>
    /// <param name="required">How threads will call MPI.</param>
    /// <param name="options">Choices that most programs leave alone.</param>
    /// <returns>The exit code: the body's, or <see cref="MpiExitCodes.NotStarted"/> if MPI could not start. When the body
    /// throws, the job is aborted with <see cref="MpiExitCodes.Failure"/>, or the code of an <see cref="IRankFailure"/>, and this
    /// does not return.</returns>
    public static int Run(Func<MpiEnvironment, int> body, ThreadLevel required = ThreadLevel.Funneled, MpiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        MpiEnvironment environment;
        try
        {
            environment = MpiEnvironment.Initialize(required, options);
        }
        catch (MpiException e)
        {
            Console.Error.WriteLine($"hpctrain: {e.Message}");
            return MpiExitCodes.NotStarted;
        }

        int code;
        try
        {
            code = body(environment);
        }
        catch (Exception e) when (EndAll(environment, e))
        {
            throw;
        }

        environment.Dispose();
        return code;
    }

    /// <summary>
    /// Reports the exception and ends all ranks. Called as a filter, which runs before anything is disposed of: disposing of what belongs to several ranks
    /// would wait for the others.
    /// </summary>
    private static bool EndAll(MpiEnvironment environment, Exception e)
    {
        // Only what MPI or the job says about itself is a sentence; anything else is a defect whose place matters.
        Console.Error.WriteLine(e is MpiException or IRankFailure
            ? $"hpctrain: {e.Message}"
            : $"hpctrain: rank {environment.World.Rank} of {environment.World.Size} failed: {e}");
        environment.Abort((e as IRankFailure)?.ExitCode ?? MpiExitCodes.Failure);
        return true;
    }
}
