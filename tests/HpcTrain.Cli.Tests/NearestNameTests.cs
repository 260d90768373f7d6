using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Tests;

internal sealed class NearestNameTests
{
    private static readonly string[] Names = ["info", "data", "schedules", "topo", "bench"];

    [TestCase("kitten", "sitting", 3)]
    [TestCase("", "info", 4)]
    [TestCase("info", "INFO", 0)]
    [TestCase("data", "dtaa", 1)]
    [TestCase("data", "atad", 2)]
    public void Distance_counts_inserted_deleted_replaced_and_swapped_letters(string from, string to, int distance)
    {
        Assert.That(NearestName.Distance(from, to), Is.EqualTo(distance));
        Assert.That(NearestName.Distance(to, from), Is.EqualTo(distance));
    }

    [Test]
    public void Any_single_slip_in_any_name_finds_it()
    {
        foreach (var name in Names)
        {
            for (var at = 0; at < name.Length; at++)
            {
                Assert.That(NearestName.Find(name.Remove(at, 1), Names), Is.EqualTo(name));
                Assert.That(NearestName.Find(name.Insert(at, "x"), Names), Is.EqualTo(name));
                Assert.That(NearestName.Find(name.Remove(at, 1).Insert(at, "x"), Names), Is.EqualTo(name));
                if (at > 0)
                    Assert.That(NearestName.Find(name.Remove(at, 1).Insert(at - 1, name[at..(at + 1)]), Names), Is.EqualTo(name));
            }
        }
    }

    [Test]
    public void A_word_far_from_all_names_finds_nothing() => Assert.That(NearestName.Find("xylophone", Names), Is.Null);
}
