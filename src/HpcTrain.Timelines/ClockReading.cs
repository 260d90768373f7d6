namespace HpcTrain.Timelines;

/// <summary>What the common clock, rank 0's, shows beside a rank's own.</summary>
/// <param name="At">When, in microseconds of the rank's timeline.</param>
/// <param name="Offset">Microseconds to add to the rank's time to get rank 0's.</param>
/// <param name="RoundTrip">How long the question and its answer took: the offset is right to half of it.</param>
public readonly record struct ClockReading(double At, double Offset, double RoundTrip);

/// <summary>A question to rank 0 for its time, and the answer.</summary>
/// <param name="Asked">When the rank asked, in its microseconds.</param>
/// <param name="Answer">Rank 0's time when it answered.</param>
/// <param name="Answered">When the answer had come, in the rank's microseconds.</param>
public readonly record struct ClockSample(double Asked, double Answer, double Answered)
{
    /// <summary>The reading that follows if question and answer take equally long.</summary>
    public ClockReading Reading => new((Asked + Answered) / 2, Answer - ((Asked + Answered) / 2), Answered - Asked);
}
