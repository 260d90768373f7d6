using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Cli.Tests.Bench;

/// <summary>What tests that run `hpctrain bench` on real ranks start from: a folder for its files, and the launcher.</summary>
internal abstract class BenchTests
{
    /// <summary>How long any wait may take.</summary>
    protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(180);

    /// <summary>The folder; gone after the last test of the class.</summary>
    protected string Folder { get; private set; } = "";

    [OneTimeSetUp]
    public void MakeFolder() => Folder = Directory.CreateTempSubdirectory("hpctrain-bench-").FullName;

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);

    /// <summary>Runs `hpctrain bench` with the words of a line.</summary>
    protected static RankResult Bench(
        MpiFlavor flavor, int ranks, string line, Dictionary<string, string>? environment = null, Action<RankJob>? whileRunning = null)
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
        return RankRun.Start(flavor, ranks, ProgramRun.Hpctrain, line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend("bench"), Bound, environment, whileRunning);
    }
}
