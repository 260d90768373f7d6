using HpcTrain.Cli.Tune;
using HpcTrain.Collectives;

namespace HpcTrain.Cli.Tests.Tune;

/// <summary>From measurements to rules.</summary>
internal sealed class RuleMakerTests
{
    private const int Rounds = 8;
    private static readonly TuneCandidate Own = new("halving-doubling", 0), Ring = new("ring", 0), RingCut = new("ring", 65_536), Short = new("one-shot", 0);

    [Test]
    public void Neighbours_with_the_same_winner_are_one_rule_and_limits_lie_between_sizes()
    {
        var rules = Rules(Size(1 << 10, (Own, 10), (Ring, 20)), Size(1 << 12, (Own, 10), (Ring, 20)), Size(1 << 16, (Own, 10), (Ring, 5)), Size(1 << 20, (Own, 10), (Ring, 5)));

        Assert.That(rules.Select(rule => (rule.Algorithm, rule.Bytes)), Is.EqualTo(new[]
        {
            ("halving-doubling", new NumberRange(1 << 10, 1 << 14)),
            ("ring", new NumberRange((1 << 14) + 1, 1 << 20)),
        }));
        Assert.That(rules, Has.All.Property(nameof(TuningRule.Ranks)).EqualTo(NumberRange.Only(4)));
        Assert.That(rules, Has.All.Property(nameof(TuningRule.Nodes)).EqualTo(NumberRange.Only(2)));
        Assert.That(rules, Has.All.Property(nameof(TuningRule.RanksPerNode)).EqualTo(NumberRange.Only(2)));
    }

    [Test]
    public void The_own_choice_stays_where_another_is_hardly_faster() =>
        Assert.That(Winners(Size(1024, (Own, 10), (Ring, 9.7))), Is.EqualTo(new[] { Own }));

    [Test]
    public void The_own_choice_stays_where_rounds_disagree()
    {
        double[] unsteady = [5, 5, 5, 5, 5, 20, 20, 20];
        var result = new TuneResult(new(CollectiveKind.AllReduce, 256, 1024), [Steady(Own, 10), new(Ring, unsteady)]);
        Assert.That(result.Times[1].Median, Is.LessThan(9));
        Assert.That(Winners(result), Is.EqualTo(new[] { Own }));
    }

    [Test]
    public void The_own_choice_stays_where_there_are_few_rounds()
    {
        var result = new TuneResult(new(CollectiveKind.AllReduce, 256, 1024), [new(Own, [10, 10, 10]), new(Ring, [1, 1, 1])]);
        Assert.That(Winners(result), Is.EqualTo(new[] { Own }));
    }

    [Test]
    public void The_winner_before_stays_where_the_fastest_is_hardly_faster() =>
        Assert.That(Winners(Size(1 << 16, (Own, 10), (Ring, 5), (RingCut, 6)), Size(1 << 18, (Own, 10), (Ring, 5.1), (RingCut, 5))), Is.EqualTo(new[] { Ring, Ring }));

    [Test]
    public void A_segment_length_is_part_of_the_winner()
    {
        var rules = Rules(Size(1 << 16, (Own, 10), (Ring, 5)), Size(1 << 20, (Own, 10), (Ring, 5), (RingCut, 3)));
        Assert.That(rules.Select(rule => (rule.Algorithm, rule.SegmentBytes)), Is.EqualTo(new[] { ("ring", 0L), ("ring", 65_536L) }));
    }

    [Test]
    public void One_shot_reaches_only_as_far_as_it_was_measured()
    {
        var rules = Rules(Size(1 << 10, (Own, 10), (Short, 1)), Size(1 << 14, (Own, 10), (Short, 20)));
        Assert.That(rules.Select(rule => rule.Bytes), Is.EqualTo(new[] { NumberRange.Only(1 << 10), new NumberRange((1 << 10) + 1, 1 << 14) }));
    }

    [Test]
    public void What_no_call_can_ask_for_gets_no_rule()
    {
        var result = new TuneResult(new(CollectiveKind.Barrier, 1, 1), [Steady(new("direct", 0), 1)]);
        Assert.That(RuleMaker.Rules([result], 4, NodeMap.Single(4)), Is.Empty);
    }

    private static TuneTimes Steady(TuneCandidate candidate, double microseconds) => new(candidate, [.. Enumerable.Repeat(microseconds * 1e-6, Rounds)]);

    private static TuneResult Size(long bytes, params (TuneCandidate Candidate, double Microseconds)[] times) =>
        new(new(CollectiveKind.AllReduce, bytes / 4, bytes), [.. times.Select(each => Steady(each.Candidate, each.Microseconds))]);

    private static IReadOnlyList<TuningRule> Rules(params TuneResult[] results) => RuleMaker.Rules(results, 4, NodeMap.Parse("2x2", 4));

    private static IReadOnlyList<TuneCandidate> Winners(params TuneResult[] results) => RuleMaker.Winners(results);
}
