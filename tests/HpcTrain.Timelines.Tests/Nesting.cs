using System.Text.Json;

namespace HpcTrain.Timelines.Tests;

/// <summary>What viewers demand of spans: in a row they are apart, or one is inside the other.</summary>
internal static class Nesting
{
    public static void Check(IEnumerable<JsonElement> events)
    {
        foreach (var row in events.Where(one => one.GetProperty("ph").GetString() == "X").GroupBy(one => (one.GetProperty("pid").GetInt32(), one.GetProperty("tid").GetInt32())))
        {
            var open = new Stack<decimal>();
            foreach ((decimal start, decimal end) in row.Select(Ends).OrderBy(span => span.Start).ThenByDescending(span => span.End))
            {
                while (open.TryPeek(out decimal before) && before <= start)
                    open.Pop();
                Assert.That(end, Is.LessThanOrEqualTo(open.TryPeek(out decimal around) ? around : decimal.MaxValue), $"a span of row {row.Key} at {start} overlaps in part");
                open.Push(end);
            }
        }
    }

    private static (decimal Start, decimal End) Ends(JsonElement span) =>
        (span.GetProperty("ts").GetDecimal(), span.GetProperty("ts").GetDecimal() + span.GetProperty("dur").GetDecimal());
}
