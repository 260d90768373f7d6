using System.Xml;
using System.Xml.Linq;
using HpcTrain.Collectives.Msccl;

namespace HpcTrain.Collectives;

/// <content>Reading.</content>
public static partial class MscclXml
{
    /// <summary>
    /// Reads a schedule. The program is run symbolically to find out which chunk every place holds at every step; see <see cref="ScheduleVerifier"/>
    /// for the proof of the result.
    /// </summary>
    /// <exception cref="ScheduleException">It is not XML, not an MSCCL algorithm, or none that can be read; the message names the line.</exception>
    public static Schedule FromMsccl(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit });
            return MscclImport.Run(ReadAlgorithm(new(XDocument.Load(reader, LoadOptions.SetLineInfo).Root!)));
        }
        catch (XmlException error)
        {
            throw new ScheduleException($"The schedule is not valid XML: {error.Message}", error);
        }
    }

    private static MscclAlgorithm ReadAlgorithm(XmlPlace file)
    {
        if (file.Name != "algo")
            throw file.Wrong($"the file begins with <{file.Name}>; an MSCCL algorithm begins with <algo>");
        CollectiveKind collective = ReadCollective(file);
        int ranks = file.Integer("ngpus", 1, MostRanks);
        int chunks = file.Integer("nchunksperloop", 1, MostChunks);
        bool blocks = collective.HasOwners();
        if (blocks && chunks % ranks != 0)
            throw file.Wrong($"nchunksperloop=\"{chunks}\" is not a multiple of the {ranks} GPUs, which a {collective.Name()} needs");

        var gpus = new MscclGpu?[ranks];
        var algorithm = new MscclAlgorithm(
            file.Optional("name") is { Length: > 0 } name ? name : "msccl", collective, null, chunks, IsInPlace(file), gpus!);
        foreach (XmlPlace gpu in file.Items("gpu"))
        {
            int id = gpu.Integer("id", 0, ranks - 1);
            gpus[id] = gpus[id] is null ? ReadGpu(gpu, algorithm, id) : throw gpu.Wrong($"GPU {id} comes a second time");
        }

        if (Array.IndexOf(gpus, null) is var missing and >= 0)
            throw file.Wrong($"GPU {missing} of {ranks} is missing");
        return algorithm with { Root = ReadRoot(file, algorithm) };
    }

    private static CollectiveKind ReadCollective(XmlPlace file)
    {
        string name = file.Text("coll");
        if (CollectiveKinds.TryParse(name, out CollectiveKind collective) && collective != CollectiveKind.Barrier)
            return collective;
        string known = string.Join(", ", s_collectiveNames.Values);
        throw file.Wrong(name == "custom"
            ? $"coll=\"custom\" does not say what the algorithm has to achieve, so it can be neither verified nor run; give it one of {known}"
            : $"coll=\"{name}\" is not one of {known}");
    }

    /// <summary>A file that says that it also works out of place keeps input and output apart.</summary>
    private static bool IsInPlace(XmlPlace file) =>
        file.Flag("inplace") && !(file.Optional("outofplace") is not null && file.Flag("outofplace"));

    private static MscclGpu ReadGpu(XmlPlace gpu, MscclAlgorithm algorithm, int id)
    {
        var header = new MscclGpu(
            ReadSize(gpu, "i_chunks", algorithm.InputChunks), ReadSize(gpu, "o_chunks", algorithm.OutputChunks),
            gpu.Integer("s_chunks", 0, MostChunks), []);
        var blocks = new SortedList<int, MscclBlock>();
        var users = new Dictionary<(int Peer, int Channel, bool Sends), int>();
        foreach (XmlPlace block in gpu.Items("tb"))
        {
            int number = block.Integer("id", 0);
            if (!blocks.TryAdd(number, ReadBlock(block, header, algorithm.Gpus.Count, id)))
                throw block.Wrong($"thread block {number} of GPU {id} comes a second time");
            MscclBlock read = blocks[number];
            foreach ((int peer, bool sends) in ((int, bool)[])[(read.SendPeer, true), (read.ReceivePeer, false)])
            {
                if (peer < 0 || users.TryAdd((peer, read.Channel, sends), number))
                    continue;
                string both = $"both {(sends ? "send to" : "receive from")} GPU {peer} on channel {read.Channel}";
                throw block.Wrong($"thread blocks {users[(peer, read.Channel, sends)]} and {number} of GPU {id} {both}");
            }
        }

        if (blocks.Keys.LastOrDefault(-1) is var last && last != blocks.Count - 1)
            throw gpu.Wrong($"GPU {id} has {blocks.Count} thread blocks, but one of them has the number {last}; they are numbered from 0 without gaps");
        return header with { Blocks = [.. blocks.Values] };
    }

    /// <summary>The chunks of input or output that a file declares: all that the collective has, or 0 where none is used.</summary>
    private static int ReadSize(XmlPlace gpu, string attribute, int whole) =>
        gpu.Integer(attribute, 0) is var size && (size == 0 || size == whole)
            ? size
            : throw gpu.Wrong(
                $"{attribute}=\"{size}\" does not fit the algorithm's coll, ngpus and nchunksperloop, by which it is {whole}, or 0 where none is used");

    private static MscclBlock ReadBlock(XmlPlace block, MscclGpu gpu, int ranks, int id)
    {
        int sendPeer = ReadPeer(block, "send", ranks, id), receivePeer = ReadPeer(block, "recv", ranks, id);
        int channel = block.Integer("chan", 0, Schedule.MaxChannels - 1);
        var steps = new List<MscclStep>();
        foreach (XmlPlace step in block.Items("step"))
        {
            if (step.Integer("s", 0) is var number && number != steps.Count)
                throw step.Wrong($"step {number} stands where step {steps.Count} should");
            MscclStep read = ReadStep(step, gpu);
            if (read.Type.Sends() && sendPeer < 0)
                throw step.Wrong($"step {number} sends, but its thread block has no GPU to send to");
            if (read.Type.Receives() && receivePeer < 0)
                throw step.Wrong($"step {number} receives, but its thread block has no GPU to receive from");
            steps.Add(read);
        }

        return new(sendPeer, receivePeer, channel, steps);
    }

    private static int ReadPeer(XmlPlace block, string attribute, int ranks, int id) =>
        block.Integer(attribute, -1, ranks - 1) is var peer && peer != id ? peer : throw block.Wrong($"{attribute}=\"{peer}\" is the GPU itself");

    private static MscclStep ReadStep(XmlPlace step, MscclGpu gpu)
    {
        string name = step.Text("type");
        if (!MscclStepTypes.TryParse(name, out MscclStepType type))
            throw step.Wrong($"type=\"{name}\" is not one of {string.Join(", ", MscclStepTypes.Names)}");
        int count = type == MscclStepType.Nop ? 0 : step.Integer("cnt", 1, MostChunks);
        MscclPlace source = type.ReadsSource() ? ReadPlace(step, "src", gpu, count) : default;
        MscclPlace target = type.WritesTarget() ? ReadPlace(step, "dst", gpu, count) : default;
        int block = step.Integer("depid", -1);
        MscclStepId? after = block < 0 ? null : new(block, step.Integer("deps", 0));
        return new(type, source, target, count, after, step.Flag("hasdep"), step.Line);
    }

    private static MscclPlace ReadPlace(XmlPlace step, string end, MscclGpu gpu, int count)
    {
        string letter = step.Text(end + "buf");
        (MscclBuffer buffer, int size) = letter switch
        {
            "i" => (MscclBuffer.Input, gpu.InputChunks),
            "o" => (MscclBuffer.Output, gpu.OutputChunks),
            "s" => (MscclBuffer.Scratch, gpu.ScratchChunks),
            _ => throw step.Wrong($"{end}buf=\"{letter}\" is not one of i, o, s"),
        };
        int offset = step.Integer(end + "off", 0);
        if (offset > size - count)
            throw step.Wrong($"{end}off=\"{offset}\" with cnt=\"{count}\" ends behind the {size} chunks of {letter}");
        return new(buffer, offset);
    }

    /// <summary>
    /// The root: what the attribute <c>root</c> says, which runtimes ignore; without it, the only GPU that receives nothing (broadcast, scatter) or
    /// sends nothing (reduce, gather).
    /// </summary>
    private static int? ReadRoot(XmlPlace file, MscclAlgorithm algorithm)
    {
        CollectiveKind collective = algorithm.Collective;
        if (!collective.HasRoot())
            return null;
        if (file.Optional("root") is not null)
            return file.Integer("root", 0, algorithm.Ranks - 1);
        bool gives = collective is CollectiveKind.Broadcast or CollectiveKind.Scatter;
        int[] candidates = [.. Enumerable.Range(0, algorithm.Ranks).Where(rank => !algorithm.Gpus[rank].Blocks.Any(
            block => block.Steps.Any(step => gives ? step.Type.Receives() : step.Type.Sends())))];
        return candidates.Length == 1
            ? candidates[0]
            : throw file.Wrong($"the root of the {collective.Name()} cannot be told from its steps; add root=\"...\" to <algo>");
    }
}
