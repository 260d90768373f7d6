using System.Diagnostics;
using System.Reflection;
using HpcTrain.Mpi;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace HpcTrain.Testing;

/// <summary>What a test assembly does when mpirun starts it: it is one rank, and runs the tests it is told to, in order.</summary>
public static class RankProgram
{
    internal const string TestsSwitch = "--rank-tests";
    internal const string ScenarioSwitch = "--scenario";

    /// <summary>The Main of a test assembly (see RankMain.cs).</summary>
    /// <param name="assembly">The test assembly.</param>
    /// <param name="args">What the harness passes.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Assembly assembly, string[] args)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        switch (args)
        {
            case [TestsSwitch, var fixture, var folder, .. var tests]:
                return MpiProgram.Run(mpi => RunTests(mpi, assembly.GetType(fixture, throwOnError: true)!, folder, tests), ThreadLevel.Serialized);

            case [ScenarioSwitch, var type, var method, .. var rest]:
                return (int)assembly.GetType(type, throwOnError: true)!
                    .GetMethod(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
                    .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [rest], null)!;

            default:
                Console.Error.WriteLine("This is a test assembly: run it with `dotnet test`.");
                return 2;
        }
    }

    private static int RunTests(MpiEnvironment mpi, Type fixtureType, string folder, string[] tests)
    {
        using var journal = new RankJournal(folder, mpi.World.Rank);
        using var fence = mpi.World.Duplicate();
        var fixture = fixtureType.IsAbstract ? null : Activator.CreateInstance(fixtureType);
        foreach (var test in tests)
        {
            var method = fixtureType.GetMethod(test, BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public)!;
            journal.Started(test);
            var (outcome, message) = RunTest(mpi, fixture, method);
            journal.Ended(test, outcome, message);

            // No rank begins a test before all have ended the one before: a rank that hangs is then in the test last started.
            AwaitQuietly(fence.ImmediateBarrier());
        }

        return 0;
    }

    private static (RankOutcome Outcome, string? Message) RunTest(MpiEnvironment mpi, object? fixture, MethodInfo method)
    {
        using var context = new TestExecutionContext.IsolatedContext();
        try
        {
            // A test that fails half-way leaves messages behind: a communicator of its own keeps them from the next test.
            var world = mpi.World.Duplicate();
            object[] arguments = method.GetParameters().Length == 0 ? [] : [world];
            method.Invoke(fixture, BindingFlags.DoNotWrapExceptions, null, arguments, null);
            world.Dispose();
            return (RankOutcome.Passed, null);
        }
        catch (ResultStateException e)
        {
            var outcome = e.ResultState.Status switch
            {
                TestStatus.Passed => RankOutcome.Passed,
                TestStatus.Skipped or TestStatus.Inconclusive => RankOutcome.Skipped,
                _ => RankOutcome.Failed,
            };
            return (outcome, outcome == RankOutcome.Failed ? $"{e.Message}\n{OwnFrames(e.StackTrace)}" : e.Message);
        }
        catch (Exception e)
        {
            return (RankOutcome.Failed, $"{e.GetType().Name}: {e.Message}\n{OwnFrames(e.StackTrace)}");
        }
    }

    /// <summary>The frames of the test and of what it calls, without those of NUnit and of the call by reflection.</summary>
    private static string OwnFrames(string? stack) =>
        string.Join('\n', (stack ?? "").Split('\n').Where(line => !line.Contains(" System.Reflection.", StringComparison.Ordinal)
            && !line.Contains(" NUnit.Framework.", StringComparison.Ordinal)
            && !line.Contains($" {typeof(RankProgram).FullName}.", StringComparison.Ordinal)));

    /// <summary>Waits without keeping a core from the ranks that still work.</summary>
    private static void AwaitQuietly(Request request)
    {
        var clock = Stopwatch.StartNew();
        while (!request.Test())
        {
            if (clock.ElapsedMilliseconds < 2)
                Thread.Yield();
            else
                Thread.Sleep(1);
        }
    }
}
