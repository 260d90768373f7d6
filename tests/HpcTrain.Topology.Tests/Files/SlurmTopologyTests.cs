namespace HpcTrain.Topology.Tests.Files;

/// <summary>Slurm's <c>topology.conf</c>, and addresses of nodes in it.</summary>
[TestFixture]
public sealed class SlurmTopologyTests
{
    internal const string Tree = """
        # Two leaves under a spine.
        SwitchName=leaf1   Nodes=node[01-02]
        switchname=leaf2   NODES=node03,login \
            LinkSpeed=100
        SwitchName=spine   Switches=leaf[1-2]  # the top
        """;

    private static readonly string[] s_pairs =
    [
        "node01-leaf1 25/2", "node02-leaf1 25/2", "node03-leaf2 25/2", "login-leaf2 25/2", "leaf1-spine 25", "leaf2-spine 25",
    ];

    [Test]
    public void A_tree_is_read_at_full_rate_across_every_cut()
    {
        LinkGraph graph = Read(Tree);
        Assert.That(GraphFacts.Names(graph, NodeKind.Rank), Is.EqualTo(["node01", "node02", "node03", "login"]));
        Assert.That(graph.Nodes.Select(node => node.Box), Is.EqualTo([0, 1, 2, 3, -1, -1, -1]));
        Assert.That(GraphFacts.Pairs(graph), Is.EquivalentTo(s_pairs));
    }

    [Test]
    public void Switches_above_share_what_leads_up()
    {
        LinkGraph graph = Read("SwitchName=s1 Switches=l[1-2]\nSwitchName=s2 Switches=l[1-2]\nSwitchName=l1 Nodes=a,b\nSwitchName=l2 Nodes=c\n");
        Assert.That(GraphFacts.Pairs(graph), Is.EquivalentTo(["a-l1 25/2", "b-l1 25/2", "c-l2 25/2", "s1-l1 25/2", "s2-l1 25/2", "s1-l2 25/4", "s2-l2 25/4"]));
    }

    [Test]
    public void Addresses_of_nodes_are_the_same_tree()
    {
        LinkGraph graph = Read("""
            SLURM_TOPOLOGY_ADDR=spine.leaf1.node01
            SLURM_TOPOLOGY_ADDR_PATTERN=switch.switch.node
            3: SLURM_TOPOLOGY_ADDR=spine.leaf1.node02
            export SLURM_TOPOLOGY_ADDR="spine.leaf2.node03"
            SLURM_TOPOLOGY_ADDR=spine.leaf2.login
            SLURM_TOPOLOGY_ADDR=spine.leaf2.login
            OTHER=1
            """);

        // Addresses begin at the top, so the spine has the lowest number of the switches.
        Assert.That(GraphFacts.Pairs(graph).Select(pair => pair.Replace("spine-leaf1", "leaf1-spine").Replace("spine-leaf2", "leaf2-spine")), Is.EquivalentTo(s_pairs));
    }

    [Test]
    public void Several_switches_of_a_level_stand_as_one_expression()
    {
        LinkGraph graph = Read("SLURM_TOPOLOGY_ADDR=s[1-2].l1.a\nSLURM_TOPOLOGY_ADDR=s[1-2].l1.b\nSLURM_TOPOLOGY_ADDR=s[1-2].l2.c\n");
        Assert.That(GraphFacts.Pairs(graph), Is.EquivalentTo(["a-l1 25/2", "b-l1 25/2", "c-l2 25/2", "s1-l1 25/2", "s2-l1 25/2", "s1-l2 25/4", "s2-l2 25/4"]));
    }

    [Test]
    public void Nodes_of_a_cluster_without_switches_meet_in_one()
    {
        LinkGraph graph = Read("SLURM_TOPOLOGY_ADDR=a\nSLURM_TOPOLOGY_ADDR_PATTERN=node\nSLURM_TOPOLOGY_ADDR=b\n");
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(["a-network 25/2", "b-network 25/2"]));
    }

    [TestCase("SwitchName=a", "t.conf, line 1: Switch a needs Nodes or Switches.")]
    [TestCase("Nodes=a", "t.conf, line 1: SwitchName is missing.")]
    [TestCase("SwitchName=a Nodes=n1 Node=n2", "t.conf, line 1: 'Node' is not known; the keys here are SwitchName, Nodes, Switches, LinkSpeed.")]
    [TestCase("SwitchName=a Nodes=n1 Nodes=n2", "t.conf, line 1: Nodes is given twice.")]
    [TestCase("SwitchName=a Nodes", "t.conf, line 1: 'Nodes' is not of the form Key=value.")]
    [TestCase("\nSwitchName=a \\\n  Nodes=n[1", "t.conf, line 2: The brackets in 'n[1' do not match.")]
    [TestCase("SwitchName=a Nodes=n[1-x]", "t.conf, line 1: '1-x' in 'n[1-x]' is not a number or a range such as 0-3.")]
    [TestCase("SwitchName=a Nodes=n1,n1", "t.conf, line 1: Switch a names node n1 twice.")]
    [TestCase("SwitchName=a Switches=b,b Nodes=n", "t.conf, line 1: Switch a names switch b twice.")]
    [TestCase("SwitchName=a Nodes=n1\nSwitchName=a Nodes=n2", "t.conf, line 2: Switch a is described twice; first in line 1.")]
    [TestCase("SwitchName=a Nodes=n1\nSwitchName=b Switches=a,c", "t.conf, line 2: Switch b names switch c, which no line describes.")]
    [TestCase("SwitchName=a Nodes=n1\nSwitchName=n1 Switches=a", "t.conf, line 2: Switch n1 has the name of a node; names are unique.")]
    [TestCase("SwitchName=a Switches=b Nodes=n1\nSwitchName=b Switches=a", "t.conf, line 1: Switch a is below itself.")]
    [TestCase("SwitchName=a Switches=b\nSwitchName=b Switches=a", "t.conf, line 1: There is no node; lines such as 'SwitchName=leaf1 Nodes=node[1-4]' or 'SLURM_TOPOLOGY_ADDR=spine.leaf1.node1' are expected.")]
    [TestCase("SwitchName=a Nodes=n1\nSwitchName=b \\", "t.conf, line 2: The file ends in the middle of a line that is to go on.")]
    [TestCase("BlockName=b1 Nodes=n[1-4]", "t.conf, line 1: BlockName belongs to Slurm's topology/block, which has no switches; SwitchName is expected.")]
    [TestCase("\nSLURM_TOPOLOGY_ADDR=spine..n1", "t.conf, line 2: 'spine..n1' is not an address such as spine.leaf1.node1.")]
    [TestCase("SLURM_TOPOLOGY_ADDR_PATTERN=switch.block", "t.conf, line 1: 'switch.block' is not a pattern such as switch.switch.node.")]
    [TestCase("SLURM_TOPOLOGY_ADDR=l.n1\nSLURM_TOPOLOGY_ADDR_PATTERN=switch.switch.node", "t.conf, line 1: 'l.n1' has 2 levels, which no SLURM_TOPOLOGY_ADDR_PATTERN of the file has.")]
    [TestCase("SLURM_TOPOLOGY_ADDR=l.n[1-2]", "t.conf, line 1: 'l.n[1-2]' ends in 2 nodes; one is expected.")]
    public void A_mistake_is_refused_with_its_line(string text, string message) =>
        Assert.That(() => Read(text), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));

    [Test]
    public void Levels_without_end_are_refused() => Assert.That(
        () => Read("SwitchName=s0 Nodes=n\n" + string.Join('\n', Enumerable.Range(1, 100_000).Reverse().Select(level => $"SwitchName=s{level} Switches=s{level - 1}"))),
        Throws.TypeOf<TopologyException>().With.Message.EndsWith("is more than 64 levels below the top."));

    [TestCase("a", "a")]
    [TestCase("a,b", "a b")]
    [TestCase("n[1-3]", "n1 n2 n3")]
    [TestCase("n[08-11,3]x", "n08x n09x n10x n11x n3x")]
    [TestCase("r[1-2]n[0-1],c7", "r1n0 r1n1 r2n0 r2n1 c7")]
    public void A_host_list_stands_for_names(string expression, string names) => Assert.That(string.Join(' ', HostList.Expand(expression)), Is.EqualTo(names));

    [TestCase("", "A name is missing in ''.")]
    [TestCase("a,,b", "A name is missing in 'a,,b'.")]
    [TestCase("n[1-2", "The brackets in 'n[1-2' do not match.")]
    [TestCase("n1]", "The brackets in 'n1]' do not match.")]
    [TestCase("n[[1]]", "The brackets in 'n[[1]]' do not match.")]
    [TestCase("n[]", "'' in 'n[]' is not a number or a range such as 0-3.")]
    [TestCase("n[1-2-3]", "'1-2-3' in 'n[1-2-3]' is not a number or a range such as 0-3.")]
    [TestCase("n[3-1]", "The range 3-1 in 'n[3-1]' runs backwards.")]
    [TestCase("n[0-999999999]", "'n[0-999999999]' stands for more than 262144 names.")]
    [TestCase("n[0-999][0-999]", "'n[0-999][0-999]' stands for more than 262144 names.")]
    public void A_host_list_of_another_form_is_refused(string expression, string message) =>
        Assert.That(() => HostList.Expand(expression), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));

    private static LinkGraph Read(string text) => SlurmTopologyReader.Read(text, "t.conf");
}
