using System.Diagnostics;
using System.Globalization;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Timelines;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Replication;

namespace HpcTrain.Training;

/// <summary>
/// A rank's training in a timeline: a row with steps and, inside of them, their parts; rows with the layers of backward, with the buckets of gradients, and with the collectives. It is written while the run goes on, so a run that is
/// killed leaves all but its last second.
/// </summary>
internal sealed class StepTimeline : IDisposable
{
    private const string Category = "step";
    private readonly Intracommunicator _world;
    private readonly ITrainingParallelism _replicas;
    private readonly RankTimeline _timeline;
    private readonly string _folder;
    private readonly string _merged;
    private readonly int _row;
    private string? _part;
    private long _partStarted;
    private long? _stepStarted;

    private StepTimeline(Intracommunicator world, RankTimeline timeline, string folder, ITrainingParallelism replicas)
    {
        (_world, _timeline, _folder, _merged, _replicas) = (world, timeline, folder, folder + ".json", replicas);
        _row = timeline.Row("steps");
        replicas.Trace = new ReplicaRows(timeline);
        replicas.Observer = new CollectiveRows(timeline).Write;
    }

    /// <summary>Begins the timelines of all ranks; a collective call.</summary>
    /// <exception cref="JobException">A rank cannot write its own; all ranks get this.</exception>
    public static StepTimeline Begin(Intracommunicator world, RunFolder folder, int attempt, ITrainingParallelism replicas)
    {
        world.Broadcast(ref attempt, 0); // the other ranks do not count attempts
        var path = folder.Timelines(attempt);
        var timeline = Agreement.Run(world, () => RankTimeline.Create(path, world.Rank));
        ClockAlignment.Run(timeline, world);
        return new StepTimeline(world, timeline, path, replicas);
    }

    /// <summary>Ends the running part and begins another.</summary>
    public void Enter(string part)
    {
        var now = EndPart();
        (_part, _partStarted) = (part, now);
        _stepStarted ??= now;
    }

    /// <summary>Ends the running part and the step, of which this was the last.</summary>
    public void EndStep(long step)
    {
        var now = EndPart();
        _timeline.Span(_row, string.Create(CultureInfo.InvariantCulture, $"step {step}"), Category, _stepStarted ?? now, now, ("step", step));
        _stepStarted = null;
    }

    /// <summary>Ends what is no part of a step.</summary>
    public void EndAside()
    {
        EndPart();
        _stepStarted = null;
    }

    /// <summary>Ends the timelines and merges them on rank 0; a collective call.</summary>
    /// <exception cref="JobException">A file cannot be written; all ranks get this.</exception>
    public void End(RunRecorder recorder)
    {
        ClockAlignment.Run(_timeline, _world);
        Agreement.Run(_world, Dispose);
        Agreement.Run(_world, () =>
        {
            if (_world.Rank == 0)
            {
                OutputFile.Write("the timeline", _merged, output => TimelineMerge.Write(output, TimelineMerge.SourcesIn(_folder)));
                recorder.Say($"timeline {_merged}");
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _replicas.Observer = null;
        _replicas.Trace = null;
        _timeline.Dispose();
    }

    private long EndPart()
    {
        var now = Stopwatch.GetTimestamp();
        if (_part is not null)
        {
            _timeline.Span(_row, _part, Category, _partStarted, now);
        }

        _part = null;
        return now;
    }
}
