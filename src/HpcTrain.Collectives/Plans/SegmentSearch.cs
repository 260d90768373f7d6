namespace HpcTrain.Collectives;

/// <summary>Finds the length of segments that gives a call the most throughput, by trying: the on-line rule of Blink (arXiv 1910.04940, section 4.3).</summary>
/// <remarks>
/// <para>
/// Grow fast, then shrink by steps. Segments begin short and double as long as throughput rises by more than the noise; once it does not, they are made shorter again in
/// steps of a quarter of the best length so far, as long as that helps. Short segments cost a latency each, long ones fill pipelines late, so throughput has one peak over
/// the length; a handful of tries after the doublings comes within a step of it. What is best counts by the measurements, not by the last try.
/// </para>
/// <para>
/// Nothing here measures: who does tells this what came out, the same on all ranks. Blink's choice of chunks is described in the patent US 11,868,880 B2;
/// <see cref="SegmentModel"/> finds a length without it.
/// </para>
/// </remarks>
public sealed class SegmentSearch
{
    /// <summary>By which part throughput has to rise to count as risen: measurements of the same differ by about as much.</summary>
    public const double Noise = 0.02;

    private readonly long _most;
    private readonly long _unit;
    private double _bestRate;
    private double _latestRate;
    private long _grown;
    private double _grownRate;
    private long _step;

    /// <summary>Begins a search.</summary>
    /// <param name="least">The shortest segment in bytes, which is tried first; at least 1.</param>
    /// <param name="most">The longest segment in bytes; at least <paramref name="least"/>.</param>
    /// <param name="unit">What lengths are multiples of, for whole elements; lengths are rounded down to it, the first one up.</param>
    public SegmentSearch(long least, long most, long unit = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(least, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, least);
        ArgumentOutOfRangeException.ThrowIfLessThan(unit, 1);
        _unit = unit;
        Next = (least + unit - 1) / unit * unit;
        _most = Math.Max(Next, most / unit * unit);
        Best = Next;
    }

    /// <summary>The length to try next, in bytes; of no meaning once the search is done.</summary>
    public long Next { get; private set; }

    /// <summary>The best length of those tried, in bytes.</summary>
    public long Best { get; private set; }

    /// <summary>Whether nothing is left to try.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Tells what <see cref="Next"/> gave.</summary>
    /// <param name="bytesPerSecond">The throughput, in any unit; positive.</param>
    /// <exception cref="InvalidOperationException">The search is done.</exception>
    public void Tell(double bytesPerSecond)
    {
        if (IsDone)
            throw new InvalidOperationException("The search is done; begin a new one.");
        long tried = Next;
        bool isBetter = bytesPerSecond > _bestRate * (1 + Noise), hasRisen = bytesPerSecond > _latestRate * (1 + Noise);
        _latestRate = bytesPerSecond;
        if (isBetter)
            (Best, _bestRate) = (tried, bytesPerSecond);
        if (_step == 0 && isBetter && tried < _most)
        {
            Next = Math.Min(2 * tried, _most);
            return;
        }

        // The first step down is always taken: the peak may lie between the best length and the one that was too long.
        bool goesOn = _step == 0 || hasRisen;
        if (_step == 0)
            (_step, _grown, _grownRate) = (Math.Max(_unit, Best / 4 / _unit * _unit), Best, _bestRate);
        Next = tried - _step;
        if (Next == _grown)
        {
            // What that gives is known.
            goesOn &= _grownRate > _latestRate * (1 + Noise);
            _latestRate = _grownRate;
            Next -= _step;
        }

        IsDone = !goesOn || Next < _unit;
    }
}
