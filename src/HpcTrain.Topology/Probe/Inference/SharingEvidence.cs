namespace HpcTrain.Topology;

/// <summary>Streams that ran together: what they got, and what they would have got one at a time.</summary>
/// <param name="Streams">How many.</param>
/// <param name="Together">The sum of their rates, in 10^9 bytes per second.</param>
/// <param name="Apart">The sum of their rates alone.</param>
/// <param name="Fastest">The greatest of their rates alone.</param>
internal readonly record struct SharingEvidence(int Streams, double Together, double Apart, double Fastest)
{
    /// <summary>Below this share of what they would get apart, streams are held to slow each other down.</summary>
    public const double Slowed = 0.75;

    /// <summary>Up to this much more than a stream alone, several have no more.</summary>
    public const double OnePort = 1.3;

    /// <summary>How much of their rates alone is left.</summary>
    public double Share => Together / Apart;

    /// <summary>Whether together they get no more than the fastest alone: one port is all there is.</summary>
    public bool IsOnePort => Share < Slowed && Together < OnePort * Fastest;

    /// <summary>With one stream more, of which the rate and the rate alone are given.</summary>
    public SharingEvidence With(double rate, double alone) => new(Streams + 1, Together + rate, Apart + alone, Math.Max(Fastest, alone));

    /// <summary>The streams of each round of the sweep that fulfil a condition, where these are at least two.</summary>
    public static IReadOnlyList<SharingEvidence> OfSweep(RateTable table, Func<ProbeStream, bool> counts) =>
    [
        .. table.Measurements.Observations.Where(each => each.Round.Phase == ProbePhase.Sweep)
            .Select(each => Of(table, each, counts)).Where(evidence => evidence.Streams > 1),
    ];

    /// <summary>The streams of a round that fulfil a condition.</summary>
    public static SharingEvidence Of(RateTable table, ProbeObservation round, Func<ProbeStream, bool> counts)
    {
        SharingEvidence sum = default;
        for (int index = 0; index < round.Rates.Length; index++)
        {
            ProbeStream stream = round.Round.Streams[index];
            if (counts(stream))
                sum = sum.With(round.Rates[index], table.Alone(stream.From, stream.To));
        }

        return sum;
    }

    /// <summary>Whether streams slow each other down in most rounds.</summary>
    public static bool AreSlowed(IReadOnlyCollection<SharingEvidence> rounds) => rounds.Count > 0 && RateClasses.Median(rounds.Select(round => round.Share)) < Slowed;

    /// <summary>What several rounds have shown to be possible: the middle of the better half, so that neither a single lucky round counts nor those that something else slowed.</summary>
    public static double Capacity(IReadOnlyCollection<SharingEvidence> rounds) =>
        RateClasses.Median(rounds.Select(round => round.Together).OrderDescending().Take((rounds.Count + 1) / 2));
}
