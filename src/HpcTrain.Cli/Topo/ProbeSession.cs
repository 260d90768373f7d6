using System.Globalization;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary>A probe from a rank's side: all measure, rank 0 shows progress, infers, tells and writes.</summary>
internal sealed class ProbeSession(MpiEnvironment mpi, ProbeCommandOptions options, ProbeOptions measuring)
{
    /// <summary>Measures and writes. A collective call.</summary>
    /// <exception cref="ProbeException">A rank or a link stands still.</exception>
    /// <exception cref="RunException">Rank 0 cannot write the file.</exception>
    public void Run()
    {
        var measured = Measure();

        // What is shared has been freed by all ranks together: rank 0 may fail now without leaving others behind in that.
        if (mpi.World.Rank != 0)
            return;
        var name = options.Name ?? Path.GetFileNameWithoutExtension(options.Out);
        var links = LinkInference.Infer(measured, name.Length == 0 ? "probed" : name);
        Console.Out.Write(ProbeReport.Render(measured, links));
        OutputFile.Write("the topology", options.Out, LinkGraphJson.Write(links.Graph));
        Console.Out.WriteLine($"The topology is in {options.Out}, fingerprint {links.Graph.Fingerprint}.");
    }

    private ProbeMeasurements Measure()
    {
        var display = ProgressDisplay.ForRank(mpi.World.Rank);
        using var probe = new LinkProbe(mpi, measuring);
        var measured = probe.Run(Environment.MachineName, progress => display.Report(
            progress.Round, progress.Of, "probing", string.Create(CultureInfo.InvariantCulture, $"round {progress.Round} of {progress.Of}, {NameOf(progress.Phase)}")));
        display.Clear();
        return measured;
    }

    private static string NameOf(ProbePhase phase) => phase switch
    {
        ProbePhase.Sweep => "all pairs busy",
        ProbePhase.Alone => "a pair alone",
        _ => "a rank with several",
    };
}
