using System.Diagnostics;

namespace HpcTrain.Training;

/// <summary>Where a step's time goes.</summary>
internal enum Phase
{
    /// <summary>Waiting for the loader.</summary>
    Data,

    /// <summary>Forward, backward, optimizer.</summary>
    Compute,

    /// <summary>Collectives, waiting for other ranks included.</summary>
    Communication,
}

/// <summary>Adds up the seconds of each phase; a phase lasts until the next one begins.</summary>
internal sealed class StepClock
{
    private readonly long[] _ticks = new long[3];
    private long _since = Stopwatch.GetTimestamp();
    private Phase _phase = Phase.Compute;

    /// <summary>Ends the running phase and begins another.</summary>
    public void Enter(Phase phase)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(int)_phase] += now - _since;
        _since = now;
        _phase = phase;
    }

    /// <summary>Gives ticks that passed in the running phase to another.</summary>
    public void Move(long ticks, Phase from, Phase to)
    {
        _ticks[(int)from] -= ticks;
        _ticks[(int)to] += ticks;
    }

    /// <summary>Forgets the time since the last <see cref="Enter"/>: evaluation and checkpoints are nobody's step.</summary>
    public void Skip() => _since = Stopwatch.GetTimestamp();

    /// <summary>Seconds of a phase so far.</summary>
    public double Seconds(Phase phase) => _ticks[(int)phase] / (double)Stopwatch.Frequency;

    /// <summary>Seconds of all phases so far.</summary>
    public double Total => Seconds(Phase.Data) + Seconds(Phase.Compute) + Seconds(Phase.Communication);

    /// <summary>Starts from zero.</summary>
    public void Reset()
    {
        Array.Clear(_ticks);
        Skip();
    }
}
