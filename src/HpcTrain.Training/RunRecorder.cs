using System.Diagnostics;
using System.Globalization;
using HpcTrain.Runs;

namespace HpcTrain.Training;

/// <summary>
/// Tells of a run while it goes on: metrics, status and progress on rank 0, a log on every rank. On other ranks everything
/// but the log is silent.
/// </summary>
internal sealed class RunRecorder : IDisposable
{
    private readonly RunFolder _folder;
    private readonly string _samples;
    private readonly MetricsLog? _metrics;
    private readonly RankLog _log;
    private readonly ProgressDisplay _progress;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private RunStatus _status;

    public RunRecorder(string job, RunFolder folder, int rank, int attempt, string samples)
    {
        Job = job;
        Attempt = attempt;
        _folder = folder;
        _samples = samples;
        _log = folder.OpenLog(rank);
        _metrics = rank == 0 ? folder.OpenMetrics() : null;
        _progress = ProgressDisplay.ForRank(rank);
        _status = new RunStatus
        {
            State = RunState.Starting,
            Attempt = attempt,
            Host = Environment.MachineName,
            ProcessId = Environment.ProcessId,
        };
        WriteStatus(_status);
    }

    /// <summary>The job's name.</summary>
    public string Job { get; }

    /// <summary>How often the run has been started.</summary>
    public int Attempt { get; }

    /// <summary>A line for the person at the terminal and the log.</summary>
    public void Say(string line)
    {
        _log.Write(line);
        _progress.Say(line);
    }

    /// <summary>A line for the log only.</summary>
    public void Log(string line) => _log.Write(line);

    /// <summary>A line for the log of this rank and for the person at the terminal, whichever rank it is.</summary>
    public void Warn(string line)
    {
        _log.Write(line);
        Console.Error.WriteLine($"{Job}: {line}");
    }

    /// <summary>An interval of training is done.</summary>
    public void Trained(long step, long planned, double epoch, int epochs, IntervalMetrics totals)
    {
        var accuracy = totals.Accuracy is { } percent ? string.Create(CultureInfo.InvariantCulture, $"  accuracy {percent:F1}%") : "";
        var detail = string.Create(CultureInfo.InvariantCulture, $"loss {totals.Loss:F4}{accuracy}  {totals.SamplesPerSecond:F0} {_samples}/s");
        var current = Math.Min(epochs, (int)Math.Ceiling(epoch));
        _log.Write(string.Create(CultureInfo.InvariantCulture, $"step {step} epoch {epoch:F3} {detail}"));
        if (_metrics is null)
        {
            return;
        }

        _progress.Report(step, planned, string.Create(CultureInfo.InvariantCulture, $"epoch {current}/{epochs}"), detail);
        _metrics.Append(new StepMetrics
        {
            Kind = "train",
            Attempt = Attempt,
            Step = step,
            Epoch = epoch,
            Loss = totals.Loss,
            Accuracy = totals.Accuracy,
            LearningRate = totals.LearningRate,
            ImagesPerSecond = totals.SamplesPerSecond,
            SecondsData = totals.Data,
            SecondsCompute = totals.Compute,
            SecondsCommunication = totals.Communication,
            Elapsed = _elapsed.Elapsed.TotalSeconds,
        });
        WriteStatus(_status with { State = RunState.Running, Step = step, Steps = planned, Epoch = epoch });
    }

    /// <summary>A pass over the test data is done.</summary>
    public void Evaluated(long step, double epoch, Evaluation evaluation)
    {
        Say(evaluation.Accuracy is { } percent
            ? string.Create(CultureInfo.InvariantCulture, $"epoch {epoch:0.##}: test accuracy {percent:F2}%, loss {evaluation.Loss:F4}")
            : string.Create(CultureInfo.InvariantCulture, $"epoch {epoch:0.##}: test loss {evaluation.Loss:F4}"));
        _metrics?.Append(new StepMetrics
        {
            Kind = "eval",
            Attempt = Attempt,
            Step = step,
            Epoch = epoch,
            Loss = evaluation.Loss,
            Accuracy = evaluation.Accuracy,
            ImagesPerSecond = evaluation.SamplesPerSecond,
            SecondsData = 0,
            SecondsCompute = evaluation.Seconds,
            SecondsCommunication = 0,
            Elapsed = _elapsed.Elapsed.TotalSeconds,
        });
    }

    /// <summary>A checkpoint is safe on the disk; null on ranks that did not write it.</summary>
    public void Saved(string? checkpoint)
    {
        if (checkpoint is not null)
        {
            _log.Write($"checkpoint {checkpoint}");
            WriteStatus(_status with { Checkpoint = Path.GetRelativePath(_folder.Path, checkpoint) });
        }
    }

    /// <summary>The run has ended as planned.</summary>
    public void Finished(RunSummary summary)
    {
        _progress.Clear();
        if (_metrics is not null)
        {
            _folder.WriteSummary(summary);
        }

        WriteStatus(_status with { State = RunState.Finished, Step = summary.Steps, Steps = summary.Steps, Epoch = summary.Epochs });
    }

    /// <summary>The run ends by an error. Called on the rank that knows of it; a second error while writing is not told.</summary>
    public void Failed(string message, bool tellStatus)
    {
        _progress.Clear();
        _log.Write("failed: " + message);
        if (tellStatus)
        {
            try
            {
                var last = _metrics is null ? _folder.ReadStatus() ?? _status : _status; // rank 0 knows how far the run came
                _folder.WriteStatus(last with { State = RunState.Failed, Message = message, Updated = DateTime.UtcNow });
            }
            catch (Exception e) when (e is RunException || RunException.IsIo(e))
            {
                // The first error is the one that the user gets to read.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics?.Dispose();
        _log.Dispose();
    }

    private void WriteStatus(RunStatus status)
    {
        _status = status with { Updated = DateTime.UtcNow };
        if (_metrics is not null)
        {
            _folder.WriteStatus(_status);
        }
    }
}
