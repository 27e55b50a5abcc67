using BenchmarkDotNet.Running;
using SmolLM3.Benchmarks;

// kernels docs/benchmarks/kernels.md [threads=2] [megabytes=256]     every kernel; the table goes into the file
// plot docs/benchmarks/results/FILE.json docs/benchmarks/decode-depth.png
// constraints docs/benchmarks/constraints.md [FILE.gguf]             masks and compiling; the vocabulary of a file
// settled FILE.gguf                                                  a call with settled text against free text
// drafting FILE.gguf docs/benchmarks/drafting.md                     answers that copy, with drafting and without
// newcomer FILE.gguf 4096                                            a stream while a long prompt comes in
// turns FILE.gguf                                                    second turns and shared beginnings
// engines FILE.gguf                                                 both engines, where LLamaSharp is to be had
// lora FILE.gguf [rank=16]                                          what an adapter costs
// replicas URL… [kill=PROCESS]                                       chats on servers with the tiny model that run already
// soak [requests=10000] [seed=1]                                     random requests; into docs/benchmarks/soak.md
// Everything else goes to BenchmarkDotNet, such as --filter '*MatMul*'.
switch (args)
{
    case ["kernels", var path, .. var settings]:
        BenchmarkSettings.Read(settings);
        KernelReport.Write(path);
        break;
    case ["plot", var results, var picture]:
        DecodePlot.Save(results, picture);
        break;
    case ["constraints", var path]:
        ConstraintReport.Write(path, model: null);
        break;
    case ["constraints", var path, var model]:
        ConstraintReport.Write(path, model);
        break;
    case ["settled", var model]:
        await SettledTextReport.RunAsync(model);
        break;
    case ["drafting", var model, var path]:
        await DraftingReport.WriteAsync(path, model);
        break;
    case ["newcomer", var model, var tokens]:
        await NewcomerReport.RunAsync(model, int.Parse(tokens));
        break;
    case ["turns", var model]:
        await TurnsReport.RunAsync(model);
        break;
    case ["engines", var model]:
        EnginesReport.Run(model);
        break;
    case ["lora", var model]:
        LoraReport.Run(model, rank: 16);
        break;
    case ["lora", var model, var rank]:
        LoraReport.Run(model, int.Parse(rank["rank=".Length..]));
        break;
    case ["replicas", .. var addresses]:
        await ReplicasReport.RunAsync(
            [.. addresses.Where(address => !address.StartsWith("kill=")).Select(address => new Uri(address))],
            addresses[^1].StartsWith("kill=") ? int.Parse(addresses[^1]["kill=".Length..]) : null);
        break;
    case ["soak", .. var settings]:
        Environment.ExitCode = await SoakReport.RunAsync(settings);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(KernelReport).Assembly).Run(args, BenchmarkSettings.Config());
        break;
}
