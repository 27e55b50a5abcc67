using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>The files of docs/scaling are what their readers take, and what docs/scaling.md says of them.</summary>
public sealed partial class DeploymentTests
{
    // Of the Compose specification's service and deploy sections, what is used here.
    private static readonly string[] s_service =
    [
        "image", "entrypoint", "command", "environment", "volumes", "networks", "ipc", "restart", "stop_grace_period",
        "healthcheck", "deploy",
    ];

    // Of what `vllm serve --help` (0.11) and `llama-server --help` (b10587) list, what is used here.
    private static readonly string[] s_vllm =
        ["--served-model-name", "--max-model-len", "--enable-prompt-tokens-details", "--generation-config"];

    private static readonly string[] s_llamaServer = ["--host", "--port", "--parallel", "--ctx-size", "--api-key"];

    private static readonly string[] s_probes = ["startupProbe", "readinessProbe", "livenessProbe"];

    private static readonly string[] s_healthCheck = ["test", "interval", "timeout", "retries", "start_period"];

    [Fact]
    public void The_compose_file_is_whole_and_its_services_are_those_clients_name()
    {
        Dictionary<object, object> file = Assert.IsType<Dictionary<object, object>>(Load("compose.yaml").Single());
        Assert.All(file.Keys, key => Assert.Contains(key, (string[])["x-replica", "services", "volumes", "networks"]));
        Dictionary<object, object> services = Map(file["services"]);
        HashSet<object> devices = [];
        foreach (Dictionary<object, object> service in services.Values.Select(Map))
        {
            Assert.Empty(service.Keys.Except(s_service));
            Assert.Empty(Map(service["healthcheck"]).Keys.Except(s_healthCheck));
            Assert.All(List(service["networks"]), network => Assert.Contains(network, Map(file["networks"]).Keys));
            Assert.All(
                List(service["volumes"]), volume => Assert.Contains(volume.ToString()!.Split(':')[0], Map(file["volumes"]).Keys));
            object device = List(At(service, "deploy", "resources", "reservations", "devices")).Single();
            Assert.Equal("nvidia", Map(device)["driver"]);
            Assert.True(devices.Add(List(Map(device)["device_ids"]).Single()));
            Assert.Contains("--served-model-name=smollm3", List(service["command"]));
        }

        Assert.Equal(services.Keys, Addresses("smollm3-[0-9]"));
        Assert.Equal(3, services.Count);
    }

    [Fact]
    public void The_kubernetes_file_is_whole_and_its_parts_name_each_other()
    {
        Dictionary<object, object>[] parts = [.. Load("kubernetes.yaml").Select(Map)];
        Assert.Equal(
            ["v1 Service", "apps/v1 StatefulSet", "policy/v1 PodDisruptionBudget"],
            parts.Select(part => $"{part["apiVersion"]} {part["kind"]}"));
        Dictionary<object, object> service = parts[0], set = parts[1], budget = parts[2];
        Dictionary<object, object> pod = Map(At(set, "spec", "template"));
        object labels = At(pod, "metadata", "labels");
        Assert.Equal(labels, At(set, "spec", "selector", "matchLabels"));
        Assert.Equal(labels, At(service, "spec", "selector"));
        Assert.Equal(labels, At(budget, "spec", "selector", "matchLabels"));
        Assert.Equal(At(service, "metadata", "name"), At(set, "spec", "serviceName"));
        Assert.Equal("None", At(service, "spec", "clusterIP"));

        Dictionary<object, object> container = Map(List(At(pod, "spec", "containers")).Single());
        object[] ports = [.. List(container["ports"]).Select(port => Map(port)["name"])];
        Assert.Contains(Map(List(At(service, "spec", "ports")).Single())["targetPort"], ports);
        foreach (string probe in s_probes)
        {
            Assert.Contains(At(container, probe, "httpGet", "port"), ports);
        }

        object[] volumes =
        [
            .. List(At(pod, "spec", "volumes")).Select(volume => Map(volume)["name"]),
            .. List(At(set, "spec", "volumeClaimTemplates")).Select(claim => At(Map(claim), "metadata", "name")),
        ];
        Assert.All(List(container["volumeMounts"]), mount => Assert.Contains(Map(mount)["name"], volumes));
        Assert.Equal("3", At(set, "spec", "replicas"));
        Assert.Contains("$\"http://smollm3-{i}.smollm3:8000\"", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_run_the_same_server_in_the_same_way()
    {
        Dictionary<object, object>[] parts = [.. Load("kubernetes.yaml").Select(Map)];
        Dictionary<object, object> container = Map(List(At(parts[1], "spec", "template", "spec", "containers")).Single());
        Dictionary<object, object> port = Map(List(At(parts[0], "spec", "ports")).Single());
        foreach (object service in Map(At(Load("compose.yaml").Single(), "services")).Values)
        {
            Assert.Equal(At(service, "image"), container["image"]);
            Assert.Equal(At(service, "entrypoint"), container["command"]);
            Assert.Equal(At(service, "command"), container["args"]);
            Assert.Equal(Map(At(service, "environment")).Keys, List(container["env"]).Select(each => At(each, "name")));
            Uri health = new(List(At(service, "healthcheck", "test"))[^1].ToString()!);
            Assert.Equal($"{health.Port}", port["port"]);
            Assert.Equal($"{health.Port}", At(List(container["ports"]).Single(), "containerPort"));
            foreach (string probe in s_probes)
            {
                Assert.Equal(health.AbsolutePath, At(container, probe, "httpGet", "path"));
            }
        }

        Assert.All(List(container["args"]).Skip(1), flag => Assert.Contains(flag.ToString()!.Split('=')[0], s_vllm));
        string llamaServer = Page().ReplaceLineEndings("\n").Split("\n\n").Single(
            part => part.StartsWith("With llama-server in place", StringComparison.Ordinal));
        string[] flags = [.. Flag().Matches(llamaServer)
            .Select(match => match.Value).Distinct()];
        Assert.NotEmpty(flags);
        Assert.Empty(flags.Except(s_llamaServer));
    }

    private static string[] Addresses(string name) => [.. Regex.Matches(Page(), $@"http://({name}):8000")
        .Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<object> Load(string file)
    {
        IDeserializer reader = new DeserializerBuilder().Build();
        MergingParser parser = new(new Parser(new StringReader(Text(file))));
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            yield return reader.Deserialize<object>(parser)!;
        }
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "scaling", file));

    private static string Page() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "scaling.md"));

    private static Dictionary<object, object> Map(object value) => Assert.IsType<Dictionary<object, object>>(value);

    private static List<object> List(object value) => Assert.IsType<List<object>>(value);

    private static object At(object value, params string[] path) =>
        path.Aggregate(value, (parent, name) => Map(parent)[name]);

    [GeneratedRegex("--[a-z]+(-[a-z]+)*")]
    private static partial Regex Flag();
}
