using FsCheck;
using FsCheck.Fluent;

namespace HpcTrain.Drawing.Tests.Layout;

public sealed class LabelSpreadTests
{
    private const double Low = 10, High = 210, Distance = 15;

    [Test]
    public void Labels_keep_order_distance_and_range() => Check(wanted =>
    {
        double[] placed = LabelSpread.Place(wanted, Distance, Low, High);
        int[] order = [.. Enumerable.Range(0, wanted.Length).OrderBy(i => wanted[i])];
        Assert.That(placed, Has.All.InRange(Low - 1e-9, High + 1e-9));
        for (int i = 1; i < order.Length; i++)
            Assert.That(placed[order[i]] - placed[order[i - 1]], Is.GreaterThanOrEqualTo(Distance - 1e-9));
    });

    [Test]
    public void No_allowed_change_brings_labels_nearer_to_their_places() => Check(wanted =>
    {
        // The cost is convex and the allowed places are a convex set: an optimum is where no step towards another allowed place gains.
        double[] placed = LabelSpread.Place(wanted, Distance, Low, High);
        int[] order = [.. Enumerable.Range(0, wanted.Length).OrderBy(i => wanted[i])];
        var random = new System.Random(wanted.Length);
        for (int trial = 0; trial < 50; trial++)
        {
            double slack = High - Low - ((wanted.Length - 1) * Distance);
            double[] free = [.. Enumerable.Range(0, wanted.Length).Select(_ => random.NextDouble() * slack).Order()];
            double gain = order.Select((label, i) => (placed[label] - wanted[label]) * (Low + free[i] + (i * Distance) - placed[label])).Sum();
            Assert.That(gain, Is.GreaterThanOrEqualTo(-1e-6));
        }
    });

    [Test]
    public void Labels_that_have_room_stay() =>
        Assert.That(LabelSpread.Place([100, 40, 70], Distance, Low, High), Is.EqualTo(new double[] { 100, 40, 70 }));

    [Test]
    public void Equal_places_spread_evenly_in_their_order() =>
        Assert.That(LabelSpread.Place([100, 100, 100], Distance, Low, High), Is.EqualTo(new double[] { 85, 100, 115 }));

    private static void Check(Action<double[]> property) =>
        Prop.ForAll(Gen.Choose(-50, 280).Select(i => i / 1.5).ArrayOf().Where(a => a.Length is > 0 and <= 13).ToArbitrary(), property)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
