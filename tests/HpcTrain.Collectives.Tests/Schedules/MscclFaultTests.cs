using System.Globalization;
using System.Xml.Linq;

namespace HpcTrain.Collectives.Tests.Schedules;

/// <summary>MSCCL files that are wrong: one sentence each, with the line.</summary>
[TestFixture]
public sealed class MscclFaultTests
{
    private static readonly string s_ring = MscclFixtures.Ring(3);

    // Line 1 <algo>, 2 <gpu 0>, 3 <tb 0>, 4 to 9 its steps: s rrs rrcs rcs r.
    [TestCase("coll=\"allreduce\"", "coll=\"custom\"", "Line 1: coll=\"custom\" does not say what the algorithm has to achieve")]
    [TestCase("coll=\"allreduce\"", "coll=\"barrier\"", "Line 1: coll=\"barrier\" is not one of allreduce, reduce_scatter, allgather, alltoall")]
    [TestCase("coll=\"allreduce\" ", "", "Line 1: <algo> lacks the attribute coll.")]
    [TestCase("ngpus=\"3\"", "ngpus=\"4\"", "Line 1: GPU 3 of 4 is missing.")]
    [TestCase("ngpus=\"3\"", "ngpus=\"0\"", "Line 1: ngpus=\"0\" is out of range; it goes from 1 to")]
    [TestCase("ngpus=\"3\"", "ngpus=\"three\"", "Line 1: ngpus=\"three\" is not a whole number.")]
    [TestCase("nchunksperloop=\"3\" ngpus=\"3\" coll=\"allreduce\"", "nchunksperloop=\"4\" ngpus=\"3\" coll=\"allgather\"", "Line 1: nchunksperloop=\"4\" is not a multiple of the 3 GPUs")]
    [TestCase("<gpu id=\"1\"", "<gpu id=\"0\"", "Line 11: GPU 0 comes a second time.")]
    [TestCase("i_chunks=\"3\"", "i_chunks=\"2\"", "Line 2: i_chunks=\"2\" does not fit the algorithm's coll, ngpus and nchunksperloop, by which it is 3")]
    [TestCase("<tb id=\"0\"", "<tb id=\"1\"", "Line 2: GPU 0 has 1 thread blocks, but one of them has the number 1")]
    [TestCase("send=\"1\"", "send=\"0\"", "Line 3: send=\"0\" is the GPU itself.")]
    [TestCase("send=\"1\"", "send=\"-1\"", "Line 4: step 0 sends, but its thread block has no GPU to send to.")]
    [TestCase("recv=\"2\"", "recv=\"-1\"", "Line 5: step 1 receives, but its thread block has no GPU to receive from.")]
    [TestCase("chan=\"0\"", "chan=\"64\"", "Line 3: chan=\"64\" is out of range; it goes from 0 to 63.")]
    [TestCase("chan=\"0\"", "chan=\"1\"", "is in a deadlock|receives what GPU")]
    [TestCase(" s=\"1\"", " s=\"2\"", "Line 5: step 2 stands where step 1 should.")]
    [TestCase("\"rrs\"", "\"rrx\"", "Line 5: type=\"rrx\" is not one of s, r, rcs, rrs, rrc, rrcs, cpy, re, nop.")]
    [TestCase("\"rrs\"", "\"r\"", "Line 15: step 2 (rrcs) of thread block 0 of GPU 1 reduces chunk")]
    [TestCase("srcbuf=\"i\"", "srcbuf=\"x\"", "Line 4: srcbuf=\"x\" is not one of i, o, s.")]
    [TestCase("srcoff=\"0\"", "srcoff=\"3\"", "Line 4: srcoff=\"3\" with cnt=\"1\" ends behind the 3 chunks of i.")]
    [TestCase("cnt=\"1\"", "cnt=\"2\"", "receives 1 chunks where line 4 sends 2.")]
    [TestCase("cnt=\"1\"", "cnt=\"0\"", "Line 4: cnt=\"0\" is out of range; it goes from 1 to")]
    [TestCase("depid=\"-1\" deps=\"-1\"", "depid=\"3\" deps=\"1\"", "Line 4: step 0 (s) of thread block 0 of GPU 0 waits for step 1 of thread block 3, which does not exist.")]
    [TestCase("depid=\"-1\" deps=\"-1\"", "depid=\"0\" deps=\"3\"", "Line 4: step 0 (s) of thread block 0 of GPU 0 waits for step 3 of thread block 0, which never says that it is done; give it hasdep=\"1\".")]
    [TestCase("hasdep=\"0\"", "hasdep=\"2\"", "Line 4: hasdep=\"2\" is out of range")]
    [TestCase("<step s=\"0\"", "<stop s=\"0\"", "Line 4: <stop> stands in <tb>, where only <step> may.")]
    [TestCase("</algo>", "", "The schedule is not valid XML: ")]
    [TestCase("<algo ", "<!DOCTYPE a [<!ENTITY b \"c\">]><algo ", "The schedule is not valid XML: ")]
    [TestCase("algo", "alga", "Line 1: the file begins with <alga>; an MSCCL algorithm begins with <algo>.")]
    public void A_damaged_file_is_refused_with_its_line(string good, string bad, string messages)
    {
        int at = s_ring.IndexOf(good, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0));
        string damaged = good == "algo" ? s_ring.Replace(good, bad, StringComparison.Ordinal) : s_ring[..at] + bad + s_ring[(at + good.Length)..];
        string message = Fault(damaged);
        Assert.That(messages.Split('|').Any(part => message.Contains(part, StringComparison.Ordinal)), Is.True, message);
    }

    [Test]
    public void Steps_that_wait_for_each_other_are_a_deadlock_with_all_lines()
    {
        var file = new MscclText("allreduce", 2, 1, inPlace: true);
        for (int rank = 0; rank < 2; rank++)
        {
            file.Gpu(rank, 1, 0, 0);
            file.Block(1 - rank, 1 - rank);
            file.Step("rrc", "i", 0);
            file.Step("s", "i", 0);
        }

        Assert.That(Fault(file.Close()), Is.EqualTo("Line 4: step 0 (rrc) of thread block 0 of GPU 0 is in a deadlock: it waits for line 10, which waits for line 4."));
    }

    [Test]
    public void A_message_that_nobody_sends_or_receives_is_told()
    {
        var silent = new MscclText("broadcast", 2, 1, inPlace: true, " root=\"0\"");
        silent.Gpu(0, 1, 0, 0);
        silent.Gpu(1, 1, 0, 0);
        silent.Block(-1, 0);
        silent.Step("r", "i", 0);
        Assert.That(Fault(silent.Close()), Is.EqualTo("Line 6: step 0 (r) of thread block 0 of GPU 1 receives what GPU 0 never sends on channel 0."));

        var deaf = new MscclText("broadcast", 2, 1, inPlace: true, " root=\"0\"");
        deaf.Gpu(0, 1, 0, 0);
        deaf.Block(1, -1);
        deaf.Step("s", "i", 0);
        deaf.Gpu(1, 1, 0, 0);
        Assert.That(Fault(deaf.Close()), Is.EqualTo("Line 4: step 0 (s) of thread block 0 of GPU 0 sends what no step receives."));
    }

    [Test]
    public void Two_thread_blocks_cannot_share_a_connection()
    {
        var file = new MscclText("broadcast", 2, 1, inPlace: true, " root=\"0\"");
        file.Gpu(0, 1, 0, 0);
        file.Block(1, -1);
        file.Block(1, -1);
        Assert.That(Fault(file.Close()), Is.EqualTo("Line 5: thread blocks 0 and 1 of GPU 0 both send to GPU 1 on channel 0."));
    }

    [Test]
    public void A_result_that_is_missing_is_told()
    {
        // Out of place, the rank's own block has to be copied; in place it is there.
        string Gather(bool inPlace)
        {
            var file = new MscclText("allgather", 2, 2, inPlace);
            for (int rank = 0; rank < 2; rank++)
            {
                file.Gpu(rank, 1, 2, 0);
                file.Block(1 - rank, 1 - rank);
                file.Step("s", "i", 0);
                file.Step("r", "o", 1 - rank);
            }

            return file.Close();
        }

        Assert.That(Fault(Gather(inPlace: false)), Is.EqualTo("GPU 0 ends with nothing in o[0] instead of chunk 0."));
        Assert.That(ScheduleVerifier.Verify(MscclXml.FromMsccl(Gather(inPlace: true))).Steps, Is.EqualTo(1));
    }

    [Test]
    public void A_root_that_does_not_show_must_be_named()
    {
        var file = new MscclText("broadcast", 2, 2, inPlace: true);
        for (int rank = 0; rank < 2; rank++)
        {
            file.Gpu(rank, 2, 0, 0);
            file.Block(1 - rank, 1 - rank);
            file.Step("s", "i", 0);
            file.Step("r", "i", 1);
        }

        Assert.That(Fault(file.Close()), Is.EqualTo("Line 1: the root of the broadcast cannot be told from its steps; add root=\"...\" to <algo>."));
    }

    [Test]
    public void No_dependency_can_be_left_out([Values("all pairs", "star", "two hops")] string fixture)
    {
        string xml = fixture switch { "all pairs" => MscclFixtures.AllPairs(3), "star" => MscclFixtures.Star(4), _ => MscclFixtures.TwoHops() };
        int dependencies = XDocument.Parse(xml).Descendants("step").Count(step => step.Attribute("depid")!.Value != "-1");
        Assert.That(dependencies, Is.GreaterThan(3));
        for (int d = 0; d < dependencies; d++)
        {
            var document = XDocument.Parse(xml);
            document.Descendants("step").Where(step => step.Attribute("depid")!.Value != "-1").ElementAt(d).SetAttributeValue("depid", "-1");
            Assert.That(() => ScheduleVerifier.Verify(MscclXml.FromMsccl(document.ToString())), Throws.TypeOf<ScheduleException>()
                .With.Message.Contains("races with line").Or.Message.Contains("which holds nothing yet"), $"dependency {d}");
        }
    }

    [Test]
    public void Whatever_is_changed_ends_in_a_schedule_or_in_a_sentence()
    {
        var random = new Random(4);
        string[] fixtures = [s_ring, MscclFixtures.AllPairs(3), MscclFixtures.Star(3), MscclFixtures.TwoHops()];
        string[] values = ["i", "o", "s", "r", "rcs", "rrs", "rrc", "rrcs", "cpy", "re", "nop", "x", ""];
        int refused = 0;
        for (int k = 0; k < 1500; k++)
        {
            var document = XDocument.Parse(fixtures[random.Next(fixtures.Length)]);
            XElement[] elements = [.. document.Descendants()];
            XElement element = elements[random.Next(elements.Length)];
            XAttribute[] attributes = [.. element.Attributes()];
            XAttribute attribute = attributes[random.Next(attributes.Length)];
            attribute.Value = random.Next(3) == 0 ? values[random.Next(values.Length)] : random.Next(-2, 5).ToString(CultureInfo.InvariantCulture);
            try
            {
                ScheduleVerifier.Verify(MscclXml.FromMsccl(document.ToString()));
            }
            catch (ScheduleException error)
            {
                Assert.That(error.Message, Does.EndWith(".").And.Not.Contain("\n"));
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(500));
    }

    private static string Fault(string xml)
    {
        var fault = Assert.Catch<ScheduleException>(() => MscclXml.FromMsccl(xml))!;
        Assert.That(fault.Message, Does.Not.Contain("\n"));
        return fault.Message;
    }
}
