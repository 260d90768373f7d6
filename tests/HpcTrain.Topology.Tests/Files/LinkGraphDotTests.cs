namespace HpcTrain.Topology.Tests.Files;

internal sealed class LinkGraphDotTests
{
    [Test]
    public void Boxes_are_clusters_and_links_alike_there_and_back_are_one_line()
    {
        LinkGraph graph = LinkGraphJson.Read(
            """
            {"name": "two \"boxes\"", "ranks": [{"name": "a"}, {"name": "b", "box": 1}], "switches": ["leaf"],
             "links": [{"from": 0, "to": "leaf", "bandwidth": 25, "both": true, "name": "NIC"}, {"from": 1, "to": "leaf", "bandwidth": "1/2"}]}
            """,
            "x");
        Assert.That(LinkGraphDot.Write(graph), Is.EqualTo(
            """
            digraph "two \"boxes\"" {
              node [fontname="Helvetica"];
              edge [fontname="Helvetica", fontsize=10];
              n2 [label="leaf", shape=box];
              subgraph cluster_0 {
                label="box 0";
                n0 [label="a", shape=circle];
              }
              subgraph cluster_1 {
                label="box 1";
                n1 [label="b", shape=circle];
              }
              n0 -> n2 [label="25 NIC", penwidth=5, dir=none];
              n1 -> n2 [label="0.5", penwidth=1.08];
            }

            """));
    }
}
