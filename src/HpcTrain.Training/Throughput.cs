using System.Diagnostics;

namespace HpcTrain.Training;

/// <summary>Samples per second over all ranks, from the end of the warm-up steps on, pauses left out.</summary>
/// <param name="warmupSteps">First steps that do not count; when a run has no others, they do.</param>
internal sealed class Throughput(int warmupSteps)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _steps;
    private long _samples;
    private long _warmSamples;
    private TimeSpan _warmTime;

    /// <summary>Samples per second.</summary>
    public double SamplesPerSecond
        => _samples == 0 ? 0
            : _samples == _warmSamples ? _samples / _watch.Elapsed.TotalSeconds
            : (_samples - _warmSamples) / (_watch.Elapsed - _warmTime).TotalSeconds;

    /// <summary>A step over this many samples of all ranks is done.</summary>
    public void Count(int samples)
    {
        _samples += samples;
        if (++_steps == warmupSteps)
        {
            _warmSamples = _samples;
            _warmTime = _watch.Elapsed;
        }
    }

    /// <summary>Stops the clock.</summary>
    public void Pause() => _watch.Stop();

    /// <summary>Lets the clock run on.</summary>
    public void Resume() => _watch.Start();
}
