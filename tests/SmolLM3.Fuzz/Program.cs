using SmolLM3.Fuzz;

// schemas [seconds=60] [seed=1] [findings=FOLDER]   makes schemas and tries them; 1 if one was found to hurt
// schema FILE                                       tries one again
// afl                                               tries what AFL writes to the standard input, once instrumented
switch (args)
{
    case ["schemas", .. var settings]:
        return SchemaFuzzer.Run(FuzzSettings.Read(settings));
    case ["schema", var file]:
        return SchemaFuzzer.Retry(File.ReadAllBytes(file));
    case ["afl"]:
        SharpFuzz.Fuzzer.OutOfProcess.Run(stream =>
        {
            using MemoryStream text = new();
            stream.CopyTo(text);
            SchemaTrial.Run(text.ToArray());
        });
        return 0;
    default:
        Console.Error.WriteLine("schemas [seconds=60] [seed=1] [findings=FOLDER], schema FILE, or afl");
        return 2;
}
