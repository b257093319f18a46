package dev.muster.edge.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Rented;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.OfferText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Rows of providers with values that nobody expects, by a seed: they are read as something, or left out, and nothing
/// fails on them.
class DamagedAnswersTest {
    private static final int ROUNDS = 3000;
    private static final Doc ODD = doc("[null,'',' ','x','NaN','1e400','-1','  7\\n',true,false,-1,0,3.5,1e18,1e300,"
            + "9223372036854775807,[],{},[1],{'HostPort':'x'},'running','stopped','$5','Oregon, US']");
    private static final Doc OFFER = doc("{'id':12345678,'ask_contract_id':12345678,'machine_id':88888,'host_id':55555,"
            + "'gpu_name':'RTX 4090','num_gpus':4,'gpu_ram':24576,'cpu_cores_effective':32,'cpu_ram':65536,'disk_space':"
            + "2048.5,'dph_base':0.123456,'dph_total':0.234567,'storage_cost':0.98,'inet_up_cost':0.004,'inet_down_cost':"
            + "0.001,'min_bid':0.11,'reliability':0.99,'duration':1234567.89,'verification':'verified','geolocation':"
            + "'Atlantis, AT','driver_version':'999.99.99','external':null,'rentable':true,'direct_port_count':42,'search':"
            + "{'gpuCostPerHour':0.12,'totalHour':0.23},'score':12.5,'hosting_type':0}");
    private static final Doc MACHINE = doc(
            "{'id':883,'label':'a','actual_status':'running','intended_status':'running',"
                    + "'cur_state':'running','is_bid':false,'status_msg':null,'gpu_name':'A','num_gpus':1,'gpu_ram':24564,"
                    + "'public_ipaddr':'63.135.50.11','ports':{'22/tcp':[{'HostPort':'20000'}]},'ssh_host':'s','ssh_port':10882,"
                    + "'image_runtype':'ssh','dph_total':1.0,'storage_total_cost':0.002,'storage_cost':0.14,'disk_space':10,"
                    + "'start_date':1761008618.2,'end_date':2034617753.0,'instance':{'totalHour':0.5},'search':{'totalHour':1.0}}");

    private static Doc doc(String json) {
        return Doc.json(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static Doc damaged(Doc row, Random dice) {
        List<String> keys = new ArrayList<>(row.entries().keySet());
        Doc damaged = row;
        for (int hit = dice.nextInt(6); hit >= 0; hit--) {
            damaged = damaged.with(
                    keys.get(dice.nextInt(keys.size())),
                    ODD.list().get(dice.nextInt(ODD.list().size())));
        }
        return damaged;
    }

    @Test
    void offersAreReadPricedSortedAndShown() {
        int read = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random dice = new Random(seed);
            Doc rows = Doc.of(List.of()).plus(damaged(OFFER, dice)).plus(damaged(OFFER.with("id", 7L), dice));
            Optional<List<Offer>> offers = VastOffers.answer(Doc.object().with("offers", rows), Deal.onDemand(50));
            if (offers.isEmpty()) continue;
            read += offers.get().size();
            OfferQuery query =
                    OfferQuery.DEFAULT.and("dph<1 geolocation notin [CN] driver_version>500.1.1 reliability>0.5");
            OfferQuery.Selection selection = query.select(offers.get());
            OfferQuery.Selection all = query.withoutDefaults().and("dph=any").select(offers.get());
            assertThat(OfferText.table(OfferText.doc(all, selection, query.deal()), true))
                    .isNotEmpty();
        }
        assertThat(read).as("most are read").isGreaterThan(ROUNDS);
    }

    @Test
    void machinesAreReadUnlessTheyHaveNoId() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Doc row = damaged(MACHINE, new Random(seed));
            Optional<Rented> machine = VastMachines.rented(row);
            assertThat(machine.isPresent())
                    .as("seed %s: %s", seed, row)
                    .isEqualTo(!row.text("id").isBlank());
            VastMachines.charges(row);
        }
    }

    @Test
    void lambdasRowsAreReadToo() {
        Doc type =
                doc("{'name':'t','gpu_description':'A10 (24 GB PCIe)','price_cents_per_hour':75,'specs':{'gpus':1}}");
        Doc row =
                doc("{'id':'a','name':'b','status':'active','ip':'10.1.2.3','region':{'name':'us-west-1'},'tags':[]}");
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random dice = new Random(seed);
            Doc odd = damaged(row.with("instance_type", damaged(type, dice)), dice);
            if (odd.text("id").isBlank()) continue;
            assertThat(LambdaMachines.rented(odd).provider()).isEqualTo("lambda");
            Doc regions = Doc.of(List.of()).plus(damaged(doc("{'name':'us-west-1'}"), dice));
            LambdaMachines.offers(Doc.object()
                    .with("instance_type", damaged(type, dice))
                    .with("regions_with_capacity_available", regions));
        }
    }
}
