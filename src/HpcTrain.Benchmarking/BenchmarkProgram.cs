using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Runs;

namespace HpcTrain.Benchmarking;

/// <summary>A benchmark as a rank's whole program, from MPI's start to its end.</summary>
public static class BenchmarkProgram
{
    /// <summary>Says what is wrong with a request before any rank is started.</summary>
    /// <exception cref="BenchmarkException">Something is.</exception>
    public static void Validate(BenchmarkRequest request)
    {
        if (WorkloadPlan.Problem(request) is { } problem)
            throw new BenchmarkException(problem);
    }

    /// <summary>
    /// Runs a benchmark as one of the ranks that a launcher started. Rank 0 prints the results on standard output and writes the files; what all
    /// ranks know is told by rank 0 alone.
    /// </summary>
    /// <returns>The exit code, the same on all ranks; see <see cref="ExitCodes"/>.</returns>
    public static int Run(BenchmarkRequest request)
    {
        LaunchContext launch = LaunchContext.Detect();
        MpiEnvironment mpi;
        try
        {
            Validate(request);
            _ = new CommunicatorOptions(); // what the environment says of stall times and tuning rules
            mpi = MpiEnvironment.Initialize();
        }
        catch (Exception e) when (IsTold(e))
        {
            // What is missing may be missing on one node only: one rank of each tells.
            if (launch.Rank == 0 || (e is not BenchmarkException && launch.LocalRank == 0))
                Say(e.Message);
            return ExitCode(e);
        }

        using (mpi)
        {
            try
            {
                return new BenchmarkSession(mpi, request, Console.Out).Run();
            }
            catch (BenchmarkException e)
            {
                if (mpi.World.Rank == 0)
                    Say(e.Message);
                return e.ExitCode;
            }
            catch (Exception e) when (EndAll(mpi, e))
            {
                throw;
            }
        }
    }

    /// <summary>The others do not know of the error and may wait for this rank for ever: ends them all. A filter runs before anything is disposed of.</summary>
    private static bool EndAll(MpiEnvironment mpi, Exception e)
    {
        Say($"rank {mpi.World.Rank} on {mpi.ProcessorName}: {(IsTold(e) ? e.Message : e)}");
        mpi.Abort(ExitCode(e));
        return true;
    }

    private static void Say(string sentence) => Console.Error.WriteLine($"hpctrain bench: {sentence}");

    private static bool IsTold(Exception e) => ExitCode(e) != ExitCodes.InternalError;

    private static int ExitCode(Exception e) => e switch
    {
        BenchmarkException benchmark => benchmark.ExitCode,
        ScheduleException { IsStall: true } => ExitCodes.Stalled,
        ScheduleException { Rank: null } => ExitCodes.BadData, // tuning rules; a rank or link that stalled has a rank
        ScheduleException or MpiException or DllNotFoundException => ExitCodes.Environment,
        RunException => ExitCodes.InputOutput,
        _ when RunException.IsIo(e) => ExitCodes.InputOutput,
        _ => ExitCodes.InternalError,
    };
}
