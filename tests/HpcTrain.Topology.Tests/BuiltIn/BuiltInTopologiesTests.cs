namespace HpcTrain.Topology.Tests.BuiltIn;

/// <summary>The catalogue of built-in topologies: names, parameters, and what is refused.</summary>
[TestFixture]
public sealed class BuiltInTopologiesTests
{
    private const string Families = "dgx1p, dgx1v, dgx2, dgx-a100, mi250, ring, full, torus, hypercube, fat-tree, dragonfly";

    private static IEnumerable<string> Specifications => BuiltInTopologies.All.SelectMany(family => family.Aliases.Concat([family.Name, family.Example])).Distinct();

    [TestCaseSource(nameof(Specifications))]
    public void Every_example_and_default_is_built_connected_symmetric_and_named(string specification)
    {
        LinkGraph graph = BuiltInTopologies.Create(specification);
        Assert.That(graph.Name, Is.EqualTo(specification));
        Assert.That(GraphFacts.IsConnected(graph), Is.True);
        Assert.That(GraphFacts.IsSymmetric(graph), Is.True);
    }

    [Test]
    public void Every_family_describes_itself()
    {
        Assert.That(string.Join(", ", BuiltInTopologies.All.Select(family => family.Name)), Is.EqualTo(Families));
        foreach (BuiltInTopology family in BuiltInTopologies.All)
        {
            Assert.That(family.Description, Is.Not.Empty);
            Assert.That(family.Parameters.Select(parameter => parameter.Name), Is.Unique);
            Assert.That(family.Parameters, Has.All.Matches<TopologyParameter>(parameter => parameter.Description.Length > 0 && parameter.Default.Length > 0));

            // The defaults, spelt out, are the defaults.
            string all = string.Join(',', family.Parameters.Select(parameter => $"{parameter.Name}={parameter.Default}"));
            Assert.That(BuiltInTopologies.Create($"{family.Name}:{all}").Fingerprint, Is.EqualTo(BuiltInTopologies.Create(family.Name).Fingerprint));
        }
    }

    [Test]
    public void Bandwidth_and_latency_reach_every_link([Values("dgx1p", "dgx2", "ring", "full", "torus", "hypercube", "fat-tree")] string family)
    {
        LinkGraph graph = BuiltInTopologies.Create($"{family}:bandwidth=10/3,latency_us=1.5");
        Assert.That(graph.Links, Is.Not.Empty);
        Assert.That(graph.Links, Has.All.Matches<Link>(link => link.Bandwidth == new Rational(10, 3) && link.LatencySeconds == 1.5e-6));
    }

    [Test]
    public void Names_are_found_in_any_case_and_by_alias()
    {
        Assert.That(BuiltInTopologies.Find("DGX-A100")?.Name, Is.EqualTo("dgx-a100"));
        Assert.That(BuiltInTopologies.Find("mesh")?.Name, Is.EqualTo("full"));
        Assert.That(BuiltInTopologies.Find("dgx3"), Is.Null);
    }

    [TestCase("dgx3", "There is no built-in topology 'dgx3'; there are " + Families + ".")]
    [TestCase("", "There is no built-in topology ''; there are " + Families + ".")]
    [TestCase("ring:k=4", "Topology 'ring' has no parameter 'k'; it has n, bandwidth, latency_us.")]
    [TestCase("ring:8", "'8' in topology 'ring:8' is not of the form name=value, as in ring:n=8.")]
    [TestCase("ring:n=", "'n=' in topology 'ring:n=' is not of the form name=value, as in ring:n=8.")]
    [TestCase("ring:n=3,n=4", "Parameter n is given twice in topology 'ring:n=3,n=4'.")]
    [TestCase("ring:n=0", "Parameter n of topology 'ring' is 0; it needs to be a whole number from 1 to 262144.")]
    [TestCase("ring:n=3.5", "Parameter n of topology 'ring' is 3.5; it needs to be a whole number from 1 to 262144.")]
    [TestCase("ring:bandwidth=0", "Parameter bandwidth of topology 'ring' is 0; it needs to be a number of GB/s above 0.")]
    [TestCase("ring:bandwidth=fast", "Parameter bandwidth of topology 'ring' is fast; it needs to be a number of GB/s above 0.")]
    [TestCase("ring:latency_us=-1", "Parameter latency_us of topology 'ring' is -1; it needs to be a number of microseconds, 0 or more.")]
    [TestCase("full:n=1025", "Parameter n of topology 'full' is 1025; it needs to be a whole number from 1 to 1024.")]
    [TestCase("torus:dims=4x", "Parameter dims of topology 'torus' is 4x; it needs to be whole numbers from 1 to 262144 with x between them, such as 4x4.")]
    [TestCase("torus:dims=1024x1024", "Parameter dims of topology 'torus' is 1024x1024; it needs to be at most 262144 nodes together.")]
    [TestCase("torus:wrap=maybe", "Parameter wrap of topology 'torus' is maybe; it needs to be true or false.")]
    [TestCase("hypercube:d=17", "Parameter d of topology 'hypercube' is 17; it needs to be a whole number from 0 to 16.")]
    [TestCase("fat-tree:k=3", "Parameter k of topology 'fat-tree' is 3; it needs to be an even number from 2 to 64.")]
    [TestCase("dragonfly:a=2,p=1,h=1,g=4", "Parameter g of topology 'dragonfly' is 4; it needs to be a whole number from 1 to 3.")]
    [TestCase("dragonfly:a=64,p=64,h=2", "Parameter g of topology 'dragonfly' is max; it needs to be at most 64, so that there are no more than 262144 nodes.")]
    [TestCase("dgx-a100:boxes=0", "Parameter boxes of topology 'dgx-a100' is 0; it needs to be a whole number from 1 to 4096.")]
    [TestCase("dgx-a100:nic=0", "Parameter nic of topology 'dgx-a100' is 0; it needs to be a number of GB/s above 0.")]
    public void What_is_not_possible_is_refused_with_what_is(string specification, string message) =>
        Assert.That(() => BuiltInTopologies.Create(specification), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));
}
