namespace HpcTrain.Collectives.Tests.Schedules;

[TestFixture]
public sealed class AlgorithmCatalogTests
{
    [TestCase("ring", "ring")]
    [TestCase(" Ring ", "ring")]
    [TestCase("recursive_doubling", "recursive-doubling")]
    [TestCase("RD", "recursive-doubling")]
    [TestCase("rabenseifner", "halving-doubling")]
    [TestCase("hd", "halving-doubling")]
    [TestCase("AUTO", "auto")]
    public void Names_and_aliases_are_understood(string given, string name) => Assert.That(AlgorithmCatalog.Parse(CollectiveKind.AllReduce, given), Is.EqualTo(name));

    [Test]
    public void An_unknown_name_lists_the_valid_ones() =>
        Assert.That(() => AlgorithmCatalog.Parse(CollectiveKind.AllReduce, "rong"), Throws.TypeOf<ScheduleException>()
            .With.Message.EqualTo("There is no allreduce algorithm 'rong'; the valid ones are ring, recursive-doubling, halving-doubling, auto."));

    [Test]
    public void Auto_is_not_an_algorithm() =>
        Assert.That(() => TestAlgorithms.Create("auto", 4), Throws.TypeOf<ScheduleException>().With.Message.Contains("name one of ring"));

    [Test]
    public void No_ranks_are_refused([Values("ring", "recursive-doubling", "halving-doubling")] string name) =>
        Assert.That(() => TestAlgorithms.Create(name, 0), Throws.TypeOf<ScheduleException>().With.Message.Contains("at least one rank, not 0"));

    [Test]
    public void Auto_takes_few_steps_for_short_buffers_and_little_traffic_for_long_ones([Values(4, 6, 16, 64, 100)] int ranks)
    {
        Assert.That(AlgorithmCatalog.Choose(new(CollectiveKind.AllReduce, ranks), 8, CostModel.Default).Name, Is.EqualTo("recursive-doubling"));
        bool powerOfTwo = System.Numerics.BitOperations.IsPow2(ranks);
        Assert.That(AlgorithmCatalog.Choose(new(CollectiveKind.AllReduce, ranks), 1L << 30, CostModel.Default).Name, Is.EqualTo(powerOfTwo ? "halving-doubling" : "ring"));
    }
}
