using System.Globalization;
using System.Text;

namespace HpcTrain.Collectives.Tests.Schedules;

/// <summary>MSCCL algorithms as their compilers write them; together they use every type of step.</summary>
internal static class MscclFixtures
{
    /// <summary>The ring in place, with every hop fused: s, rrs, rrcs, rcs, r.</summary>
    public static string Ring(int ranks)
    {
        var file = new MscclText("allreduce", ranks, ranks, inPlace: true);
        for (int rank = 0; rank < ranks; rank++)
        {
            file.Gpu(rank, ranks, 0, 0);
            file.Block((rank + 1) % ranks, (rank + ranks - 1) % ranks);
            int Back(int steps) => (rank - steps + (2 * ranks)) % ranks;
            file.Step("s", "i", rank);
            for (int k = 1; k < ranks - 1; k++)
                file.Step("rrs", "i", Back(k));
            file.Step("rrcs", "i", Back(ranks - 1));
            for (int k = 0; k < ranks - 2; k++)
                file.Step("rcs", "i", Back(k));
            file.Step("r", "i", Back(ranks - 2));
        }

        return file.Close();
    }

    /// <summary>All pairs, out of place: everyone sends everyone its chunk, reduces its own from scratch, and sends the result to all: s, r, cpy, nop, re.</summary>
    public static string AllPairs(int ranks)
    {
        var file = new MscclText("allreduce", ranks, ranks, inPlace: false);
        for (int rank = 0; rank < ranks; rank++)
        {
            // Thread block 0 reduces; block p for peer p sends and receives first shares, then results.
            int[] peers = [.. Enumerable.Range(0, ranks).Where(peer => peer != rank)];
            file.Gpu(rank, ranks, ranks, ranks - 1);
            file.Block(-1, -1);
            file.Step("cpy", "i", rank, "o", rank);
            for (int k = 0; k < peers.Length - 1; k++)
                file.Step("nop", "i", -1, count: 0, after: (k + 1, 1));
            for (int k = 0; k < peers.Length; k++)
                file.Step("re", "s", k, "o", rank, after: k == 0 ? (peers.Length, 1) : null, isAwaited: k == peers.Length - 1);
            foreach (int peer in peers)
            {
                file.Block(peer, peer);
                file.Step("s", "i", peer);
                file.Step("r", "s", peer < rank ? peer : peer - 1, isAwaited: true);
                file.Step("s", "o", rank, after: (0, (2 * peers.Length) - 1));
                file.Step("r", "o", peer);
            }
        }

        return file.Close();
    }

    /// <summary>A star: everyone sends to rank 0, which reduces as they come and sends the sum back: s, rrc, rrcs, r.</summary>
    public static string Star(int ranks)
    {
        var file = new MscclText("allreduce", ranks, 1, inPlace: true);
        file.Gpu(0, 1, 0, 0);
        for (int peer = 1; peer < ranks; peer++)
        {
            file.Block(peer, peer);
            bool last = peer == ranks - 1;
            file.Step(last ? "rrcs" : "rrc", "i", 0, after: peer == 1 ? null : (peer - 2, 0), isAwaited: true);
            if (!last)
                file.Step("s", "i", 0, after: (ranks - 2, 0));
        }

        for (int rank = 1; rank < ranks; rank++)
        {
            file.Gpu(rank, 1, 0, 0);
            file.Block(0, 0);
            file.Step("s", "i", 0);
            file.Step("r", "i", 0);
        }

        return file.Close();
    }

    /// <summary>
    /// An all-to-all on two nodes of two in two hops: what goes to the other node is collected on the neighbour that has the same number as the
    /// target, and crosses as one message of two chunks that do not lie side by side in the collective.
    /// </summary>
    public static string TwoHops()
    {
        const int Ranks = 4;
        var file = new MscclText("alltoall", Ranks, Ranks, inPlace: false);
        for (int rank = 0; rank < Ranks; rank++)
        {
            int neighbour = rank ^ 1, across = rank ^ 2;
            int mine = rank & 1, theirs = neighbour & 1;
            file.Gpu(rank, Ranks, Ranks, 2);
            file.Block(neighbour, neighbour);
            file.Step("s", "i", neighbour);
            file.Step("r", "o", neighbour);
            file.Step("s", "i", across ^ 1);
            file.Step("r", "s", theirs, isAwaited: true);
            file.Block(-1, -1);
            file.Step("cpy", "i", rank, "o", rank);
            file.Step("cpy", "i", across, "s", mine, isAwaited: true);
            file.Block(across, across);
            file.Step("nop", "i", -1, count: 0, after: (0, 3));
            file.Step("s", "s", 0, count: 2, after: (1, 1));
            file.Step("r", "o", across & 2, count: 2);
        }

        return file.Close();
    }
}

/// <summary>Writes MSCCL XML line by line.</summary>
internal sealed class MscclText
{
    private readonly StringBuilder _text = new();
    private int _blocks;
    private int _steps;

    public MscclText(string collective, int ranks, int chunks, bool inPlace, string more = "") => _text.Append(CultureInfo.InvariantCulture,
        $"<algo name=\"fixture\" proto=\"Simple\" nchannels=\"1\" nchunksperloop=\"{chunks}\" ngpus=\"{ranks}\" coll=\"{collective}\" inplace=\"{(inPlace ? 1 : 0)}\"{more}>\n");

    public void Gpu(int id, int inputs, int outputs, int scratch)
    {
        EndGpu();
        _text.Append(CultureInfo.InvariantCulture, $"  <gpu id=\"{id}\" i_chunks=\"{inputs}\" o_chunks=\"{outputs}\" s_chunks=\"{scratch}\">\n");
        _blocks = 0;
    }

    public void Block(int send, int receive)
    {
        EndBlock();
        _text.Append(CultureInfo.InvariantCulture, $"    <tb id=\"{_blocks++}\" send=\"{send}\" recv=\"{receive}\" chan=\"0\">\n");
        _steps = 0;
    }

    public void Step(string type, string buffer, int offset, string? target = null, int? targetOffset = null, int count = 1, (int, int)? after = null, bool isAwaited = false)
    {
        (int block, int step) = after ?? (-1, -1);
        _text.Append(CultureInfo.InvariantCulture,
            $"      <step s=\"{_steps++}\" type=\"{type}\" srcbuf=\"{buffer}\" srcoff=\"{offset}\" dstbuf=\"{target ?? buffer}\" dstoff=\"{targetOffset ?? offset}\" "
            + $"cnt=\"{count}\" depid=\"{block}\" deps=\"{step}\" hasdep=\"{(isAwaited ? 1 : 0)}\"/>\n");
    }

    public string Close()
    {
        EndGpu();
        return _text.Append("</algo>\n").ToString();
    }

    private void EndBlock()
    {
        if (_blocks > 0)
            _text.Append("    </tb>\n");
    }

    private void EndGpu()
    {
        EndBlock();
        if (_text.ToString().Contains("<gpu", StringComparison.Ordinal))
            _text.Append("  </gpu>\n");
    }
}
